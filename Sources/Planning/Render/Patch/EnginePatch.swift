import Spec

/// What an environment's `patch:` says for its own target: part of that target's own file, laid over what is rendered.
///
/// The rule is that of the language's overlays: maps merge, scalars and lists replace, `null` removes.
struct EnginePatch: Sendable {
    let environment: EnvironmentName
    let target: Environment.Target
    let tree: YAMLTree

    /// - Returns: `nil` when the environment has none for its target.
    init?(_ place: RenderSubject.Place) {
        target = place.settings.target
        guard let json = place.settings.patch[target.rawValue] else { return nil }
        environment = place.name
        tree = YAMLTree(json)
    }

    /// Where the patch stands in hauban.yaml.
    func path(_ keys: [String] = []) -> SpecPath {
        SpecPath(["environments", environment.text, "patch", target.rawValue] + keys)
    }

    /// A finding at a key of the patch.
    func finding(_ message: String, at keys: [String], help: String, _ parsed: ParsedPlatform) -> Diagnostic {
        let path = path(keys)
        return Diagnostic(
            .targetCannotHonour, message, at: path,
            span: parsed.keySpan(of: path, in: environment) ?? parsed.keySpan(of: self.path(), in: environment),
            help: help, environment: environment.text)
    }

    /// A tree with the patch laid over it.
    struct Patched {
        var tree: YAMLTree
        var changes: [PatchChange] = []
        var diagnostics: [Diagnostic] = []
    }

    /// Lays the patch over a file.
    /// - Parameter isOpen: whether a key that is not rendered may be added at a path; a patch of what is not there is a
    ///   finding elsewhere.
    func laid(
        over rendered: YAMLTree, file: String, _ parsed: ParsedPlatform, isOpen: ([String], YAMLTree) -> Bool
    ) -> Patched {
        var patched = Patched(tree: rendered)
        patched.tree = merged(tree, over: rendered, at: [], file, parsed, isOpen, &patched)
        return patched
    }

    private func merged(
        _ over: YAMLTree, over under: YAMLTree, at keys: [String], _ file: String, _ parsed: ParsedPlatform,
        _ isOpen: ([String], YAMLTree) -> Bool, _ patched: inout Patched
    ) -> YAMLTree {
        guard case .map(let entries) = over, case .map(var own) = under else {
            if case .map = under, over != .null {
                patched.diagnostics.append(
                    finding(
                        "`\(keys.last ?? target.rawValue)` is a map in \(file), and the patch gives no map for it",
                        at: keys,
                        help: "Name the keys that are to change; `null` takes the whole of it away.", parsed))
                return under
            }
            if over != under { note(keys, file, before: under, after: over, &patched) }
            return over
        }
        for entry in entries {
            let place = keys + [entry.key]
            guard let index = own.firstIndex(where: { $0.key == entry.key }) else {
                guard isOpen(place, entry.value) else {
                    patched.diagnostics.append(unknown(place, among: own.map(\.key), file, parsed))
                    continue
                }
                if let value = entry.value.withoutNulls {
                    own.append(YAMLEntry(entry.key, value))
                    note(place, file, before: nil, after: value, &patched)
                }
                continue
            }
            if entry.value == .null {
                note(place, file, before: own[index].value, after: nil, &patched)
                own.remove(at: index)
            } else {
                own[index].value = merged(
                    entry.value, over: own[index].value, at: place, file, parsed, isOpen, &patched)
            }
        }
        return .map(own)
    }

    private func unknown(
        _ keys: [String], among known: [String], _ file: String, _ parsed: ParsedPlatform
    ) -> Diagnostic {
        let hint = Suggest.name(keys.last ?? "", among: known, kind: "entries there")
        return finding(
            "the patch of \(environment) names `\(keys.joined(separator: "."))`, which \(file) does not have", at: keys,
            help: hint.help, parsed)
    }

    private func note(
        _ keys: [String], _ file: String, before: YAMLTree?, after: YAMLTree?, _ patched: inout Patched
    ) {
        patched.changes.append(
            PatchChange(
                environment: environment, file: file, path: SpecPath(keys).description, before: before?.oneLine,
                after: after?.oneLine))
    }
}

extension YAMLTree {
    init(_ json: JSONTree) {
        switch json {
        case .null: self = .null
        case .bool(let flag): self = .flag(flag)
        case .number(let number): self = .integer(number)
        case .text(let text): self = .text(text)
        case .verbatim(let text): self = Double(text).map { .number($0) } ?? .text(text)
        case .list(let items): self = .list(items.map { YAMLTree($0) })
        case .object(let members): self = .map(members.map { YAMLEntry($0.key, YAMLTree($0.value)) })
        }
    }

    /// Without what is `null` in its maps; `nil` when it is `null` itself.
    fileprivate var withoutNulls: YAMLTree? {
        switch self {
        case .null: nil
        case .map(let entries):
            .map(
                entries.compactMap { entry in
                    entry.value.withoutNulls.map { YAMLEntry(entry.key, $0, comment: entry.comment) }
                })
        default: self
        }
    }

    /// As compact JSON, for people.
    fileprivate var oneLine: String {
        switch self {
        case .text(let text): return JSONText.quoted(text)
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .flag(let flag): return "\(flag)"
        case .null: return "null"
        case .list(let items), .row(let items): return "[" + items.map(\.oneLine).joined(separator: ", ") + "]"
        case .map(let entries):
            return "{" + entries.map { "\($0.key): \($0.value.oneLine)" }.joined(separator: ", ") + "}"
        case .commented(_, let inner), .remarked(_, let inner): return inner.oneLine
        }
    }
}
