import World

/// What a request about accounts came to.
package enum AccountOutcome: Sendable {
    case reply(AccountReply)
    /// A password is to be hashed first, on another thread; then ``Authority/resume(_:_:_:)`` replies, or
    /// ``Authority/abandon(_:_:)`` where there was no room for it.
    case hashing(PasswordWork, AccountStep)
}

/// An answer, and what is to be written before it goes out.
package struct AccountReply: Sendable {
    package var changes: AccountChanges
    /// The `Set-Cookie` field, where one goes with it.
    package var cookie: String?
    package var view: AccountView
    /// Of a view that is no refusal.
    package var status = 200

    /// As the API answers it.
    package var answer: Answer {
        var answer: Answer
        switch view {
        case .refused(let problem): answer = problem.answer
        case .done: answer = Answer(status: 204)
        default:
            answer = Answer(status: status, body: .bytes(Array(view.json.text.utf8), type: "application/json"))
        }
        answer.fields += [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
        if let cookie { answer.fields.append(("Set-Cookie", cookie)) }
        return answer
    }
}

/// Where a request goes on once its password was hashed.
package struct AccountStep: Sendable {
    enum Way: Sendable {
        case signIn(name: String, account: Account?, keys: [Lockout.Key])
        case setUp(link: EntryLink, name: String)
        case enter(link: EntryLink, account: Account)
        case changePassword(Principal, account: Account, keys: [Lockout.Key])
        case confirm(Principal, account: Account, keys: [Lockout.Key], Confirmed)
    }

    /// What is done once the password was shown again.
    enum Confirmed: Sendable {
        case enrol
        case removeSecondFactor
        case newRecoveryCodes
    }

    var way: Way
    var client: Client
    var agent: String
    /// The cookie that came with the request, if any: its session ends when another begins.
    var cookie: String?
    /// What the request left to be written so far.
    var changes: AccountChanges
}
