import RealModule

/// cos(π · share).
func cosine(_ share: Double) -> Double { Double.cos(.pi * min(max(share, 0), 1)) }
