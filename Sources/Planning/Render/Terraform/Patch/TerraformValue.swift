import Spec

/// Turns what a patch says into a value of Terraform's language, as Terraform's own JSON syntax does: a text may hold
/// `${…}`, and one that is nothing else is an expression (HashiCorp, "JSON configuration syntax: Expression mapping").
struct TerraformValue {
    /// What does not fit, with the keys below the value.
    struct Misfit: Error {
        var message: String
        var keys: [String]
        var help: String?
    }

    /// - Throws: ``Misfit``
    static func value(_ tree: YAMLTree, as type: TerraformType, at keys: [String] = []) throws(Misfit) -> HCLValue {
        if type != .reference, let code = try expression(tree, keys) { return code }
        switch (type, tree) {
        case (.reference, .text(let text)): return .code(try expression(tree, keys)?.code ?? text)
        case (.any, .text(let text)), (.string, .text(let text)): return template(text)
        case (.any, .integer(let number)), (.string, .integer(let number)), (.number, .integer(let number)):
            return .integer(number)
        case (.any, .number(let number)), (.string, .number(let number)), (.number, .number(let number)):
            return .number(number)
        case (.any, .flag(let flag)), (.string, .flag(let flag)), (.bool, .flag(let flag)): return .flag(flag)
        case (.list(let inner), .list(let items)), (.set(let inner), .list(let items)):
            return try list(items, inner, keys)
        case (.any, .list(let items)): return try list(items, .any, keys)
        case (.map(let inner), .map(let entries)): return try map(entries, keys) { _ in inner }
        case (.any, .map(let entries)): return try map(entries, keys) { _ in .any }
        case (.object(let attributes), .map(let entries)): return try object(entries, attributes, keys)
        case (_, .commented(_, let inner)), (_, .remarked(_, let inner)): return try value(inner, as: type, at: keys)
        default: throw misfit(type, keys)
        }
    }

    static func misfit(_ type: TerraformType, _ keys: [String]) -> Misfit {
        Misfit(message: "takes \(type.about)", keys: keys, help: "An expression in its place is written `\"${…}\"`.")
    }

    /// The attribute of an object's type by its name.
    static func attribute(
        _ name: String, of attributes: [TerraformType.Attribute], _ keys: [String]
    ) throws(Misfit) -> TerraformType.Attribute {
        if let known = attributes.first(where: { $0.name == name }) { return known }
        // Terraform itself drops it without a word: "Structural types", conversion of objects.
        throw Misfit(
            message: "is nothing that the module reads", keys: keys + [name],
            help: Suggest.name(name, among: attributes.map(\.name), kind: "attributes").help)
    }

    private static func list(_ items: [YAMLTree], _ type: TerraformType, _ keys: [String]) throws(Misfit) -> HCLValue {
        var values: [HCLValue] = []
        for item in items { values.append(try value(item, as: type, at: keys)) }
        return .list(values)
    }

    private static func map(
        _ entries: [YAMLEntry], _ keys: [String], _ type: (String) -> TerraformType
    ) throws(Misfit) -> HCLValue {
        var values: [HCLAttribute] = []
        for entry in entries where entry.value != .null {
            values.append(
                HCLAttribute(entry.key, try value(entry.value, as: type(entry.key), at: keys + [entry.key])))
        }
        return .map(values)
    }

    private static func object(
        _ entries: [YAMLEntry], _ attributes: [TerraformType.Attribute], _ keys: [String]
    ) throws(Misfit) -> HCLValue {
        var values: [HCLAttribute] = []
        for entry in entries where entry.value != .null {
            let known = try attribute(entry.key, of: attributes, keys)
            values.append(
                HCLAttribute(entry.key, try value(entry.value, as: known.type, at: keys + [entry.key])))
        }
        for attribute in attributes
        where !attribute.isOptional && !values.contains(where: { $0.name == attribute.name }) {
            throw Misfit(message: "has no `\(attribute.name)`, which has to be there", keys: keys)
        }
        return .map(values)
    }

    // MARK: Texts

    /// The code of a text that is one `${…}` and nothing else.
    private static func expression(_ tree: YAMLTree, _ keys: [String]) throws(Misfit) -> HCLValue? {
        guard case .text(let text) = tree else { return nil }
        let spans = try interpolations(text, keys)
        guard spans.count == 1, spans[0] == text.startIndex..<text.endIndex else { return nil }
        let code = text.dropFirst(2).dropLast().split(whereSeparator: \.isNewline).joined(separator: " ")
        let trimmed = code.drop { $0.isWhitespace }
        guard !trimmed.isEmpty else {
            throw Misfit(message: "has an expression without anything in it", keys: keys)
        }
        return .code(String(trimmed.reversed().drop { $0.isWhitespace }.reversed()))
    }

    private static func template(_ text: String) -> HCLValue {
        let plain = text.replacing("$${", with: "").replacing("%%{", with: "")
        if plain.contains("${") || plain.contains("%{") { return .template(text) }
        return .text(text.replacing("$${", with: "${").replacing("%%{", with: "%{"))
    }

    /// Where `${…}` stands; `$${` stands for itself.
    private static func interpolations(_ text: String, _ keys: [String]) throws(Misfit) -> [Range<String.Index>] {
        var spans: [Range<String.Index>] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            if start.lowerBound > text.startIndex, text[text.index(before: start.lowerBound)] == "$" {
                rest = rest[start.upperBound...]
                continue
            }
            var depth = 1
            var isText = false
            var end = start.upperBound
            while depth > 0, end < text.endIndex {
                switch text[end] {
                case "\"": isText.toggle()
                case "{" where !isText: depth += 1
                case "}" where !isText: depth -= 1
                default: break
                }
                end = text.index(after: end)
            }
            guard depth == 0 else { throw Misfit(message: "has an expression that does not end", keys: keys) }
            spans.append(start.lowerBound..<end)
            rest = rest[end...]
        }
        return spans
    }
}

extension HCLValue {
    fileprivate var code: String? {
        guard case .code(let code) = self else { return nil }
        return code
    }
}
