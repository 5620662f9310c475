import GRDB
import Glibc
import World

/// Turns what SQLite says into an error with a mend.
enum StoreFailure {
    static func make(_ operation: String, _ error: any Error, path: String) -> WorldError {
        if let error = error as? WorldError { return error }
        guard let refusal = error as? DatabaseError else {
            return WorldError(
                code: "store-corrupt", operation: operation, underlying: "\(error)", hint: aside(path))
        }
        let text = refusal.message ?? "SQLite code \(refusal.extendedResultCode.rawValue)"
        switch refusal.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
            if let storage = Storage.refusal(at: path)
                ?? (refusal.resultCode == .SQLITE_FULL ? SystemError(ENOSPC) : nil)
            {
                return storage.during(operation)
            }
            return WorldError(
                code: "store-unusable", operation: operation, underlying: text,
                hint: "\(path) and its folder must be readable and writable for this user.")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return WorldError(code: "store-corrupt", operation: operation, underlying: text, hint: aside(path))
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return WorldError(
                code: "store-locked", operation: operation, underlying: text,
                hint: "Another program keeps \(path) locked; end it.")
        default:
            return WorldError(
                code: "store-unusable", operation: operation, underlying: text,
                hint: "\(path) and its folder must be readable and writable for this user.")
        }
    }

    private static func aside(_ path: String) -> String {
        "Put a backup in the place of \(path), or move it aside: senders tell what fires again within minutes."
    }
}
