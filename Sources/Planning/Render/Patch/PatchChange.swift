package import Spec

/// One value that `patch:` sets, replaces or takes away in a rendered file.
package struct PatchChange: Sendable, Hashable {
    package var environment: EnvironmentName
    /// The rendered file.
    package var file: String
    /// Within the file, with dots; a part that holds dots itself is in brackets.
    package var path: String
    /// As rendered without the patch, on one line; `nil` when nothing stood there.
    package var before: String?
    /// `nil` when the patch takes it away.
    package var after: String?
}
