import World

/// The members of a request's body: a JSON object or a form.
struct AccountInput {
    private enum Content {
        case json(JSONValue)
        case form(QueryText)
    }

    private let content: Content

    init(_ request: APIRequest) throws(Problem) {
        let type = request.field("content-type")?.lowercased() ?? ""
        if type.hasPrefix("application/x-www-form-urlencoded") {
            content = .form(request.form)
        } else if request.body.isEmpty {
            content = .json(.object([]))
        } else if type.hasPrefix("application/json"), let value = JSONValue(parsing: request.body),
            case .object = value
        {
            content = .json(value)
        } else {
            throw Problem(
                "unreadable", status: 400, title: "The body cannot be read",
                detail: "It is a JSON object (application/json) or a form (application/x-www-form-urlencoded).")
        }
    }

    /// A text that may lack.
    func optional(_ name: String) -> String? {
        let text: String? =
            switch content {
            case .json(let value): value[name]?.string
            case .form(let form): form.first(name)
            }
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    func text(_ name: String, longest: Int = 200) throws(Problem) -> String {
        guard let text = optional(name) else { throw .invalid(name, "\(name) is missing") }
        guard text.utf8.count <= longest else { throw .invalid(name, "\(name) is longer than \(longest) bytes") }
        return text
    }

    func secret(_ name: String) throws(Problem) -> Secret {
        Secret(try text(name, longest: PasswordRule.longestBytes))
    }

    /// Several texts: an array, or the fields of one name.
    func list(_ name: String) -> [String] {
        switch content {
        case .json(let value):
            guard case .array(let values)? = value[name] else { return [] }
            return values.map { $0.string ?? $0.text }
        case .form(let form): return form.all(name)
        }
    }

    func number(_ name: String) throws(Problem) -> Int? {
        let text: String? =
            switch content {
            case .json(let value): if case .number(let digits)? = value[name] { digits } else { value[name]?.string }
            case .form(let form): form.first(name)
            }
        guard let text, !text.isEmpty else { return nil }
        guard let number = Int(text) else { throw .invalid(name, "\(name) is not a whole number") }
        return number
    }
}
