import Spec
import World

/// Redis ACL rules (Redis 7, "ACL"): words that `ACL SETUSER` and an ACL file both take.
enum RedisGrants {
    static let userPrefix = "svc_"
    static func user(_ service: ServiceName) -> String { userPrefix + service.text.replacing("-", with: "_") }

    static func administrator(password: String) -> [String] { ["on", hash(password), "~*", "&*", "+@all"] }

    /// `reset` first: the rules are the whole truth, whatever was before.
    ///
    /// Client libraries ask INFO when they connect, and job queues use SORT and KEYS: single commands among the dangerous ones
    /// that cannot harm others' data.
    static func rules(_ access: DataAccess, password: String) -> [String] {
        let base = ["reset", "on", hash(password), "~*"]
        return switch access {
        case .write: base + ["&*", "+@all", "-@admin", "-@dangerous", "+info", "+sort", "+keys"]
        case .read: base + ["+@read", "+@connection", "+@transaction", "-@admin", "-@dangerous", "+info"]
        }
    }

    /// Whether a line of `ACL LIST` is that of a user who may write.
    static func writes(_ line: String) -> Bool { line.contains(" +@all ") }

    /// The hash instead of the password: the file and the list of processes show nothing of use.
    private static func hash(_ password: String) -> String { "#" + ContentHash(of: Array(password.utf8)).hex }
}
