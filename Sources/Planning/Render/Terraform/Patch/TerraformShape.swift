/// What may stand in a block: its arguments, and the blocks within it.
struct TerraformShape: Sendable, Hashable {
    struct Argument: Sendable, Hashable {
        var type: TerraformType
        var isRequired = false
    }

    struct Nested: Sendable, Hashable {
        var shape: TerraformShape
        var isRequired = false
        /// Whether there may be more than one of them.
        var isRepeated = false
    }

    var arguments: [String: Argument] = [:]
    var blocks: [String: Nested] = [:]
    /// Whether what is not listed may be there too.
    var isOpen = false

    var names: [String] { Array(arguments.keys) + Array(blocks.keys) }

    /// Reads `name`, `name:type`, `name!` for what is required, and `name{ … }` for a block, `name*{ … }` where there may be
    /// several; what has no type is a text.
    init(_ notation: String) {
        var words = notation.split(whereSeparator: \.isWhitespace).map { String($0) }[...]
        self = Self.read(&words)
    }

    private static func read(_ words: inout ArraySlice<String>) -> TerraformShape {
        var shape = TerraformShape()
        while let word = words.popFirst(), word != "}" {
            let isBlock = word.hasSuffix("{")
            let parts = (isBlock ? String(word.dropLast()) : word).split(separator: ":", maxSplits: 1).map {
                String($0)
            }
            guard let head = parts.first else { continue }
            let name = head.filter { $0 != "!" && $0 != "*" }
            if isBlock {
                shape.blocks[name] = Nested(
                    shape: read(&words), isRequired: head.contains("!"), isRepeated: head.contains("*"))
            } else {
                var tokens = TerraformTokens(parts.count == 2 ? parts[1] : "string")
                shape.arguments[name] = Argument(type: tokens.type().type, isRequired: head.contains("!"))
            }
        }
        return shape
    }

    private init() {}

    /// What a call of a module takes: the variables that its text declares.
    init(module text: String) {
        var tokens = TerraformTokens(text)
        while let word = tokens.take() {
            if ["{", "(", "["].contains(word) { tokens.close() }
            guard word == "variable", let name = tokens.take(), tokens.take("{") else { continue }
            var argument = Argument(type: .any, isRequired: true)
            while let key = tokens.take(), key != "}" {
                if ["{", "(", "["].contains(key) { tokens.close() }
                guard tokens.take("=") else { continue }
                if key == "type" { argument.type = tokens.type().type }
                if key == "default" { argument.isRequired = false }
            }
            arguments[String(name.dropFirst())] = argument
        }
        merge(Self.callMeta)
    }

    /// With what Terraform itself understands in every block of a kind (HashiCorp, "Meta-arguments").
    mutating func merge(_ meta: TerraformShape) {
        arguments.merge(meta.arguments) { own, _ in own }
        blocks.merge(meta.blocks) { own, _ in own }
    }

    static let callMeta = TerraformShape(
        "source! version count:any for_each:any depends_on:list(reference) providers:map(reference)")

    static let resourceMeta = TerraformShape(
        """
        count:any for_each:any depends_on:list(reference) provider:reference
        lifecycle{ create_before_destroy:bool prevent_destroy:bool ignore_changes:list(reference)
          replace_triggered_by:list(reference) precondition*{ condition!:any error_message! }
          postcondition*{ condition!:any error_message! } }
        """)

    /// Blocks of one kind that Terraform makes from a list (HashiCorp, "dynamic Blocks").
    static func dynamic(_ content: TerraformShape) -> TerraformShape {
        var shape = TerraformShape("for_each!:any iterator:reference labels:list(string)")
        shape.blocks["content"] = Nested(shape: content, isRequired: true)
        return shape
    }
}
