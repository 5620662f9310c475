package import World

/// A refusal of the API as problem details (RFC 9457): `application/problem+json`.
package struct Problem: Error, Sendable, Hashable {
    /// A stable word for programs and translations, `csrf`; the `type` is `urn:hauban:problem:` and this word.
    package var word: String
    package var status: Int
    /// The kind of problem in words; the same for each of its occurrences (§3.1.3).
    package var title: String
    /// This occurrence in words (§3.1.4).
    package var detail: String
    /// A reference to this occurrence (§3.1.5).
    package var instance: String?
    /// Extension members (§3.2), in their order; those with a name of §3.1 are left out.
    package var members: [JSONValue.Member]
    /// Further fields of the answer, as `Retry-After`.
    package var fields: [String: String]

    package init(
        _ word: String, status: Int, title: String, detail: String, instance: String? = nil,
        members: [JSONValue.Member] = [], fields: [String: String] = [:]
    ) {
        self.word = word
        self.status = status
        self.title = title
        self.detail = detail
        self.instance = instance
        self.members = members
        self.fields = fields
    }

    package static let mediaType = "application/problem+json"

    private static let reserved: Set<String> = ["type", "title", "status", "detail", "instance"]

    package var json: JSONValue {
        var all: [JSONValue.Member] = [
            .init("type", .string("urn:hauban:problem:" + word)), .init("title", .string(title)),
            .init("status", .number("\(status)")), .init("detail", .string(detail)),
        ]
        if let instance { all.append(.init("instance", .string(instance))) }
        return .object(all + members.filter { !Self.reserved.contains($0.key) })
    }

    package var answer: Answer {
        Answer(
            status: status, body: .bytes(Array(json.text.utf8), type: Self.mediaType),
            fields: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}

extension Problem {
    /// 404: there is no such thing, or none that this client may know of.
    package static func notFound(_ detail: String) -> Problem {
        Problem("not-found", status: 404, title: "There is no such thing", detail: detail)
    }

    /// 422: a member of the request cannot be taken; `member` names it.
    package static func invalid(_ member: String, _ detail: String) -> Problem {
        Problem(
            "invalid", status: 422, title: "The request cannot be taken as it is", detail: detail,
            members: [.init("member", .string(member))])
    }

    /// 409: it does not fit what is there.
    package static func conflict(_ detail: String) -> Problem {
        Problem("conflict", status: 409, title: "It does not fit what is there", detail: detail)
    }

    /// 429 or 503: to be tried again later.
    package static func tryLater(_ detail: String, status: Int = 429, seconds: Int) -> Problem {
        Problem(
            "try-later", status: status, title: "To be tried again later", detail: detail,
            members: [.init("seconds", .number("\(seconds)"))], fields: ["Retry-After": "\(seconds)"])
    }
}
