internal import Diagnostics
internal import Foundation
internal import GRDB

extension Ledger {
    /// Refuses a path where SQLite's own message would not say what is wrong.
    static func checkPlace(_ path: String) throws(Diagnostic) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard !isFolder.boolValue else { throw folderInPlaceOfFile(path) }
            guard FileManager.default.isWritableFile(atPath: path) else { throw unwritable(path) }
        } else {
            let folder = URL(filePath: path).deletingLastPathComponent().path
            guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
                throw missingFolder(folder, path: path)
            }
            guard FileManager.default.isWritableFile(atPath: folder) else { throw unwritable(path) }
        }
    }

    private static func folderInPlaceOfFile(_ path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "this is a folder, but the ledger is a file", at: .init(file: path),
            remedy: "Name a file inside it with --ledger")
    }

    private static func missingFolder(_ folder: String, path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the ledger's folder \(folder) is not there", at: .init(file: path),
            remedy: "Make the folder, or name another ledger with --ledger")
    }

    private static func unwritable(_ path: String) -> Diagnostic {
        Diagnostic(
            .inputMissing, "the ledger cannot be written", at: .init(file: path),
            remedy: "Check the permissions of the file and its folder, or name another ledger with --ledger")
    }

    /// Runs what uses SQLite and says its errors as a user is to read them.
    static func translatingErrors<Value>(path: String, _ body: () throws -> Value) throws(Diagnostic) -> Value {
        do {
            return try body()
        } catch let error as Diagnostic {
            throw error.located(file: path)
        } catch let error as DatabaseError {
            throw diagnostic(for: error, path: path)
        } catch {
            throw Diagnostic(.internalFailure, "the ledger failed: \(error)", at: .init(file: path))
        }
    }

    private static func diagnostic(for error: DatabaseError, path: String) -> Diagnostic {
        if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return fullDisk(path) }
        switch error.resultCode {
        case .SQLITE_FULL: return fullDisk(path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: return locked(path)
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: return unwritable(path)
        case .SQLITE_NOTADB: return notLedger(path)
        case .SQLITE_CORRUPT: return damaged(path, what: reason(error))
        case .SQLITE_IOERR: return failingDisk(path, what: reason(error))
        default: return Diagnostic(.internalFailure, "the ledger failed: \(reason(error))", at: .init(file: path))
        }
    }

    private static func reason(_ error: DatabaseError) -> String {
        "\(error.message ?? "no message"), SQLite code \(error.extendedResultCode.rawValue)"
    }

    private static func fullDisk(_ path: String) -> Diagnostic {
        Diagnostic(
            .unavailable, "the disk that holds the ledger is full", at: .init(file: path),
            remedy: "Make room there and go on with --resume; what was written before is kept")
    }

    private static func failingDisk(_ path: String, what: String) -> Diagnostic {
        Diagnostic(
            .unavailable, "the disk that holds the ledger fails (\(what))", at: .init(file: path),
            remedy: "Check the disk and go on with --resume; what was written before is kept")
    }

    private static func locked(_ path: String) -> Diagnostic {
        Diagnostic(
            .unavailable, "another process holds the ledger locked", at: .init(file: path),
            remedy: "Wait until it is done, or name another ledger with --ledger")
    }

    private static func damaged(_ path: String, what: String) -> Diagnostic {
        Diagnostic(
            .badData, "the ledger is damaged (\(what))", at: .init(file: path),
            remedy: "Recover it with sqlite3's .recover, or name another ledger with --ledger")
    }

    static func notLedger(_ path: String) -> Diagnostic {
        Diagnostic(
            .badData, "this file is not a ledger", at: .init(file: path),
            remedy: "Name another file with --ledger; one that is not there will be made")
    }

    static func newerSchema(_ version: Int, path: String) -> Diagnostic {
        Diagnostic(
            .badData,
            "a newer version of this program wrote the ledger (schema \(version); known are schemas up to \(LedgerSchema.version))",
            at: .init(file: path), remedy: "Update this program, or name another ledger with --ledger")
    }
}
