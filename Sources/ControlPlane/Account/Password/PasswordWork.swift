import World

/// The dear part of an operation on passwords, as a value that any thread can perform.
package struct PasswordWork: Sendable {
    package enum Result: Sendable, Hashable {
        /// The given password is right; with the new hash, where one was to be made.
        case matches(new: PasswordHash?)
        case differs
        /// There was no memory for it.
        case failed
    }

    /// The password that was typed, and the hash that it must match.
    struct Trial: Sendable {
        var password: Secret
        var hash: PasswordHash
    }

    /// The password of which a hash is made when the trial succeeded.
    struct Renewal: Sendable {
        var password: Secret
        var salt: [UInt8]
        var cost: PasswordHash.Cost
    }

    var trial: Trial?
    var renewal: Renewal?

    /// Takes a quarter of a second for each hash, on purpose.
    package func perform() -> Result {
        if let trial {
            switch trial.hash.matches(trial.password.exposed) {
            case nil: return .failed
            case false?: return .differs
            case true?: break
            }
        }
        guard let renewal else { return .matches(new: nil) }
        guard let hash = PasswordHash(of: renewal.password.exposed, salt: renewal.salt, cost: renewal.cost) else {
            return .failed
        }
        return .matches(new: hash)
    }
}
