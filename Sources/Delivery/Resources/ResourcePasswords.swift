import Spec
import World

/// The passwords by which services open one resource: each is made once, and kept in the environment's secret store.
struct ResourcePasswords: Sendable, Hashable {
    let resource: ResourceName
    let store: SecretStore

    /// The store's key for the password of a role.
    func key(_ role: String) -> String { "resource.\(resource).\(role)" }

    /// The password of a role, made when neither side knows one.
    ///
    /// - Parameter isThere: whether the resource has the role already.
    /// - Throws: `WorldError` with the code `secret-missing` for a role whose password was lost: a new one in silence would lock out what
    ///   runs with the old one.
    func make(for role: String, isThere: Bool) throws -> Secret {
        guard store.contains(key(role)) || !isThere else {
            throw WorldError(
                code: "secret-missing", operation: "provision \(resource)",
                underlying: "\(role) exists there, but its password is not in the secret store",
                hint:
                    "Run `hauban secrets set \(key(role)) --env \(store.environment)`: with the old password, or a new one, which "
                    + "is then set at \(resource).")
        }
        return try store.valueOrGenerated(for: key(role))
    }

    /// - Throws: `WorldError` with the code `secret-missing`.
    func value(for role: String) throws -> Secret { try store.value(for: key(role)) }
}
