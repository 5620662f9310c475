/// A constraint of Terraform on a value (HashiCorp, "Terraform language: Type constraints").
indirect enum TerraformType: Sendable, Hashable {
    case any, string, number, bool
    /// Names of things rather than text: `depends_on`, `provider`, `ignore_changes`.
    case reference
    case list(TerraformType)
    case set(TerraformType)
    case map(TerraformType)
    case object([Attribute])

    struct Attribute: Sendable, Hashable {
        var name: String
        var type: TerraformType
        var isOptional: Bool
    }

    /// As people call it.
    var about: String {
        switch self {
        case .any: "any value"
        case .string: "text"
        case .number: "a number"
        case .bool: "true or false"
        case .reference: "a reference"
        case .list, .set: "a list"
        case .map, .object: "a map"
        }
    }
}

/// The words and signs of a text of Terraform's language: enough for declarations of variables, which hold no heredoc.
struct TerraformTokens {
    private var rest: ArraySlice<String>

    init(_ text: String) {
        var found: [String] = []
        var word = ""
        func end() {
            if !word.isEmpty { found.append(word) }
            word = ""
        }
        var characters = text[...]
        while let next = characters.popFirst() {
            switch next {
            case "#":
                end()
                characters = characters.drop { $0 != "\n" }
            case "\"":
                end()
                var inside = "\""
                while let character = characters.popFirst(), character != "\"" {
                    inside.append(character)
                    if character == "\\", let escaped = characters.popFirst() { inside.append(escaped) }
                }
                found.append(inside)
            case _ where next.isLetter || next.isNumber || "_-.".contains(next): word.append(next)
            default:
                end()
                if !next.isWhitespace { found.append(String(next)) }
            }
        }
        end()
        rest = found[...]
    }

    var next: String? { rest.first }

    mutating func take() -> String? { rest.popFirst() }

    mutating func take(_ sign: String) -> Bool {
        guard rest.first == sign else { return false }
        rest.removeFirst()
        return true
    }

    /// Past the sign that closes what is open.
    mutating func close() {
        var depth = 1
        while depth > 0, let token = take() {
            if ["(", "[", "{"].contains(token) { depth += 1 }
            if [")", "]", "}"].contains(token) { depth -= 1 }
        }
    }

    /// A type, with whether it stood in `optional(…)`.
    mutating func type() -> (type: TerraformType, isOptional: Bool) {
        let word = take() ?? "any"
        switch word {
        case "string": return (.string, false)
        case "number": return (.number, false)
        case "bool": return (.bool, false)
        case "reference": return (.reference, false)
        default: break
        }
        guard take("(") else { return (.any, false) }
        defer { close() }
        switch word {
        case "list": return (.list(type().type), false)
        case "set": return (.set(type().type), false)
        case "map": return (.map(type().type), false)
        case "optional": return (type().type, true)
        case "object":
            guard take("{") else { return (.any, false) }
            var attributes: [TerraformType.Attribute] = []
            while let name = take(), name != "}" {
                guard take("=") else { continue }
                let (type, isOptional) = type()
                attributes.append(.init(name: name, type: type, isOptional: isOptional))
            }
            return (.object(attributes), false)
        default: return (.any, false)
        }
    }
}
