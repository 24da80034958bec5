import Regimes

/// What training has of a piece.
public typealias RunPiecePresence = RunPiece.Presence
