import Spec

/// `patch: {aws: {module.service_api: {scale: {min: 4}}}}`: blocks of an environment's root by their addresses, changed
/// before they are written.
///
/// What a call of a module takes is read from the module's variables, what a resource takes from ``TerraformFacts``.
/// Modules are shared by environments and stay as they are.
struct TerraformPatch {
    private(set) var files: [HCLFile]
    private(set) var changes: [PatchChange] = []
    private(set) var diagnostics: [Diagnostic] = []
    private let patch: EnginePatch?
    private let parsed: ParsedPlatform
    private let folder: String
    /// Texts by the modules' names.
    private let modules: [String: String]

    /// - Parameter modules: texts by the modules' names; asked for where there is a patch.
    init(
        _ files: [HCLFile], _ place: RenderSubject.Place, _ parsed: ParsedPlatform,
        modules: () -> [String: String]
    ) {
        self.files = files
        self.parsed = parsed
        folder = "\(TerraformRenderer.folder)/\(place.name)"
        patch = EnginePatch(place)
        self.modules = patch == nil ? [:] : modules()
        guard let patch else { return }
        guard case .map(let entries) = patch.tree else {
            report("a patch is a map from addresses to what changes there", at: [], help: Self.example)
            return
        }
        let known = places
        for entry in entries {
            guard let place = known[entry.key] else {
                unknown(entry.key, among: known)
                continue
            }
            apply(entry, at: place)
        }
        for index in self.files.indices { self.files[index].body.tidy() }
    }

    private static let example = "Write `module.NAME: {…}` or `TYPE.NAME: {…}`, as the rendered files call them."

    private func path(_ keys: [String]) -> String { SpecPath(keys).description }

    private mutating func report(_ message: String, at keys: [String], help: String) {
        if let patch { diagnostics.append(patch.finding(message, at: keys, help: help, parsed)) }
    }

    private mutating func note(_ keys: [String], _ file: String, before: String?, after: String?) {
        guard let patch, before != after else { return }
        changes.append(
            PatchChange(environment: patch.environment, file: file, path: path(keys), before: before, after: after))
    }

    // MARK: Addresses

    private struct Place {
        var file: Int
        var item: Int
    }

    private static func address(_ block: HCLBlock) -> String? {
        switch (block.kind, block.labels.count) {
        case ("resource", 2): block.labels.joined(separator: ".")
        case ("data", 2), ("module", 1): ([block.kind] + block.labels).joined(separator: ".")
        default: nil
        }
    }

    private var places: [String: Place] {
        var found: [String: Place] = [:]
        for (file, parts) in files.enumerated() {
            for (item, entry) in parts.body.items.enumerated() {
                if case .block(let block) = entry, let address = Self.address(block) {
                    found[address] = Place(file: file, item: item)
                }
            }
        }
        return found
    }

    private func block(_ place: Place) -> HCLBlock? {
        guard case .block(let block) = files[place.file].body.items[place.item] else { return nil }
        return block
    }

    private func moduleName(_ block: HCLBlock) -> String? {
        guard block.kind == "module", case .text(let source)? = block.body.value(of: "source") else { return nil }
        return source.split(separator: "/").last.map(String.init)
    }

    /// What an address of nothing may have meant.
    private mutating func unknown(_ address: String, among known: [String: Place]) {
        let parts = address.split(separator: ".").map(String.init)
        guard parts.count >= 2,
            !["provider", "terraform", "local", "locals", "var", "variable", "output"]
                .contains(parts[0])
        else {
            return report(
                "`\(address)` is no address: a patch changes resources, data sources and calls of modules",
                at: [address],
                help: Self.example
                    + " Anything else goes into \(folder)/override.tf, which Terraform lays over the rendered files.")
        }
        if parts[0] == "module", parts.count > 2, let call = known["module.\(parts[1])"], let block = block(call),
            let name = moduleName(block)
        {
            return report(
                "`\(address)` stands in the module \(name), which environments share", at: [address],
                help: Self.instead("module.\(parts[1])", of: shape(block)))
        }
        // The kind is made, and only within modules.
        let makers = known.compactMap { call, place -> String? in
            guard parts.count == 2, let block = block(place), let name = moduleName(block) else { return nil }
            return modules[name]?.contains("resource \"\(parts[0])\"") == true ? call : nil
        }.sorted()
        if !makers.isEmpty, !known.keys.contains(where: { $0.hasPrefix(parts[0] + ".") }) {
            let near =
                makers.first { $0.hasSuffix("_\(AWSNames.word(parts[1]))") }
                ?? KeyHint.nearest(to: "module." + parts[1], among: makers)
            var help = "Patch the call of one: \(Suggest.list(makers))."
            if let near, let place = known[near], let block = block(place) {
                help = Self.instead(near, of: shape(block))
            }
            return report(
                "`\(address)` does not stand in \(folder): modules make each \(parts[0])", at: [address], help: help)
        }
        let hint = Suggest.name(address, among: Array(known.keys), kind: "addresses")
        report(
            "the patch of \(patch?.environment.text ?? "") names `\(address)`, which \(folder) does not have",
            at: [address], help: hint.help + " What is new goes into a .tf file of your own in that folder.")
    }

    private static func instead(_ call: String, of shape: TerraformShape?) -> String {
        let own = Set(shape.map { Array($0.arguments.keys) } ?? []).subtracting(TerraformShape.callMeta.arguments.keys)
        return "Patch `\(call)` instead, which takes \(Suggest.list(Array(own)))"
            + "; for more, copy the module's folder and patch its `source`."
    }

    private func shape(_ block: HCLBlock) -> TerraformShape? {
        if let name = moduleName(block) { return modules[name].map { TerraformShape(module: $0) } }
        return block.labels.first.flatMap {
            TerraformFacts.shape(of: block.kind == "data" ? "data.\($0)" : $0)
        }
    }

    // MARK: Blocks

    private mutating func apply(_ entry: YAMLEntry, at place: Place) {
        guard var block = block(place) else { return }
        let file = files[place.file].path
        switch entry.value {
        case .null:
            if let reader = reader(of: entry.key) {
                return report(
                    "`\(entry.key)` cannot be taken away: \(reader) reads it", at: [entry.key],
                    help: "Patch what reads it first.")
            }
            files[place.file].body.items[place.item] = .gap
            note([entry.key], file, before: HCLText.oneLine(block.body), after: nil)
        case .map(let entries):
            guard var shape = shape(block) else {
                return report(
                    "what `\(entry.key)` takes is not known here", at: [entry.key],
                    help: "Write it into \(folder)/override.tf, which Terraform lays over the rendered files.")
            }
            // A module of the author's own takes what it wants.
            if block.kind == "module", let source = entries.first(where: { $0.key == "source" })?.value,
                case .text(let text) = source, block.body.value(of: "source") != .text(text)
            {
                shape.isOpen = true
            }
            merge(entries, into: &block.body, shape, [entry.key], file)
            files[place.file].body.items[place.item] = .block(block)
        default:
            report(
                "`\(entry.key)` is a block, and the patch gives no map for it", at: [entry.key],
                help: "Name the arguments that are to change; `null` takes the whole of it away.")
        }
    }

    /// Another block that names an address.
    private func reader(of address: String) -> String? {
        for file in files {
            for case .block(let block) in file.body.items where Self.address(block) != address {
                let text = HCLText.oneLine(block.body)
                let isNamed = text.ranges(of: address).contains { range in
                    let after = text[range.upperBound...].first
                    let before = text[..<range.lowerBound].last
                    return !(after.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" } ?? false)
                        && !(before.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." } ?? false)
                }
                if isNamed { return "`\(Self.address(block) ?? ([block.kind] + block.labels).joined(separator: "."))`" }
            }
        }
        return nil
    }

    private mutating func merge(
        _ entries: [YAMLEntry], into body: inout HCLBody, _ shape: TerraformShape, _ keys: [String], _ file: String
    ) {
        for entry in entries {
            let place = keys + [entry.key]
            if entry.key == "dynamic", !shape.blocks.isEmpty, case .map(let kinds) = entry.value {
                for kind in kinds {
                    if let nested = shape.blocks[kind.key] {
                        let dynamic = TerraformShape.Nested(shape: .dynamic(nested.shape))
                        mergeBlocks(kind, "dynamic", [kind.key], into: &body, dynamic, place + [kind.key], file)
                    } else {
                        reportUnknown(place + [kind.key], among: Array(shape.blocks.keys))
                    }
                }
            } else if let argument = shape.arguments[entry.key] {
                mergeArgument(entry, into: &body, argument, place, file)
            } else if let nested = shape.blocks[entry.key] {
                mergeBlocks(entry, entry.key, [], into: &body, nested, place, file)
            } else if shape.isOpen {
                mergeArgument(entry, into: &body, TerraformShape.Argument(type: .any), place, file)
            } else {
                reportUnknown(place, among: shape.names)
            }
        }
    }

    private mutating func reportUnknown(_ keys: [String], among known: [String]) {
        report(
            "`\(path(keys))` is nothing that \(keys.first ?? "") takes", at: keys,
            help: Suggest.name(keys.last ?? "", among: known, kind: "arguments").help)
    }

    private mutating func report(_ misfit: TerraformValue.Misfit, at keys: [String]) {
        report(
            "`\(path(keys + misfit.keys))` \(misfit.message)", at: keys + misfit.keys,
            help: misfit.help ?? "Give the whole of it.")
    }

    // MARK: Arguments

    private mutating func mergeArgument(
        _ entry: YAMLEntry, into body: inout HCLBody, _ argument: TerraformShape.Argument, _ keys: [String],
        _ file: String
    ) {
        let before = body.value(of: entry.key)
        if entry.value == .null {
            guard let before else { return }
            guard !argument.isRequired else {
                return report("`\(path(keys))` has to be there", at: keys, help: "Give another value.")
            }
            body.remove(entry.key)
            return note(keys, file, before: HCLText.oneLine(before), after: nil)
        }
        if let after = merged(entry.value, over: before, as: argument.type, keys, file) {
            body.replace(entry.key, after)
        }
    }

    /// - Returns: `nil` where nothing changes or nothing fits.
    private mutating func merged(
        _ tree: YAMLTree, over before: HCLValue?, as type: TerraformType, _ keys: [String], _ file: String
    ) -> HCLValue? {
        if case .map(let entries) = tree, case .map(var own)? = before {
            for entry in entries {
                let place = keys + [entry.key]
                let index = own.firstIndex { $0.name == entry.key }
                do throws(TerraformValue.Misfit) {
                    let inner = try Self.inner(type, entry.key)
                    if entry.value == .null {
                        guard let index else { continue }
                        guard inner.isOptional else {
                            report("`\(path(place))` has to be there", at: place, help: "Give another value.")
                            continue
                        }
                        note(place, file, before: HCLText.oneLine(own[index].value), after: nil)
                        own.remove(at: index)
                    } else if let index {
                        if let value = merged(entry.value, over: own[index].value, as: inner.type, place, file) {
                            own[index].value = value
                        }
                    } else if let value = merged(entry.value, over: nil, as: inner.type, place, file) {
                        own.append(HCLAttribute(entry.key, value))
                    }
                } catch {
                    report(error, at: keys)
                }
            }
            return .map(own)
        }
        do throws(TerraformValue.Misfit) {
            let after = try TerraformValue.value(tree, as: type)
            note(keys, file, before: before.map { HCLText.oneLine($0) }, after: HCLText.oneLine(after))
            return after
        } catch {
            report(error, at: keys)
            return nil
        }
    }

    /// What a map holds under a key.
    private static func inner(
        _ type: TerraformType, _ key: String
    ) throws(TerraformValue.Misfit) -> (type: TerraformType, isOptional: Bool) {
        switch type {
        case .map(let inner): return (inner, true)
        case .object(let attributes):
            let known = try TerraformValue.attribute(key, of: attributes, [])
            return (known.type, known.isOptional)
        case .any: return (.any, true)
        case .string, .number, .bool, .reference, .list, .set: throw TerraformValue.misfit(type, [])
        }
    }

    // MARK: Nested blocks

    private mutating func mergeBlocks(
        _ entry: YAMLEntry, _ kind: String, _ labels: [String], into body: inout HCLBody,
        _ nested: TerraformShape.Nested, _ keys: [String], _ file: String
    ) {
        let own = body.blocks(kind, labels)
        let before = own.isEmpty ? nil : own.map { HCLText.oneLine($0.body) }.joined(separator: ", ")
        switch entry.value {
        case .null:
            guard !own.isEmpty else { return }
            guard !nested.isRequired else {
                return report("`\(path(keys))` has to be there", at: keys, help: "Give another.")
            }
            body.replace(kind, labels, with: [])
            note(keys, file, before: before, after: nil)
        case .map(let entries):
            guard own.count < 2 else {
                return report(
                    "`\(path(keys))` stands there \(own.count) times, and the patch gives one map", at: keys,
                    help: "Give a list, which takes the place of them all.")
            }
            if var block = own.first {
                merge(entries, into: &block.body, nested.shape, keys, file)
                body.replace(kind, labels, with: [block])
            } else if let block = made(entries, kind, labels, nested.shape, keys) {
                body.replace(kind, labels, with: [block])
                note(keys, file, before: nil, after: HCLText.oneLine(block.body))
            }
        case .list(let items):
            guard nested.isRepeated || items.count == 1 else {
                return report("there can be one `\(path(keys))`", at: keys, help: "Give a map.")
            }
            var blocks: [HCLBlock] = []
            for item in items {
                guard case .map(let entries) = item else {
                    return report("`\(path(keys))` takes a list of maps", at: keys, help: "Each of them is a block.")
                }
                guard let block = made(entries, kind, labels, nested.shape, keys) else { return }
                blocks.append(block)
            }
            body.replace(kind, labels, with: blocks)
            note(keys, file, before: before, after: blocks.map { HCLText.oneLine($0.body) }.joined(separator: ", "))
        default:
            report(
                "`\(path(keys))` is a block, and the patch gives no map for it", at: keys,
                help: "Name the arguments that are to change; `null` takes the whole of it away.")
        }
    }

    /// A block that is not rendered, whole.
    /// - Returns: `nil` where something in it does not fit, which is said.
    private mutating func made(
        _ entries: [YAMLEntry], _ kind: String, _ labels: [String], _ shape: TerraformShape, _ keys: [String]
    ) -> HCLBlock? {
        let (told, found) = (changes, diagnostics.count)
        var block = HCLBlock(kind, labels)
        merge(entries, into: &block.body, shape, keys, "")
        // It is told as one change.
        changes = told
        for name in shape.arguments.filter(\.value.isRequired).keys.sorted() where block.body.value(of: name) == nil {
            report("`\(path(keys))` has no `\(name)`, which has to be there", at: keys, help: "Give the whole of it.")
        }
        for name in shape.blocks.filter(\.value.isRequired).keys.sorted()
        where block.body.blocks(name, []).isEmpty && block.body.blocks("dynamic", [name]).isEmpty {
            report("`\(path(keys))` has no `\(name)`, which has to be there", at: keys, help: "Give the whole of it.")
        }
        return diagnostics.count == found ? block : nil
    }
}
