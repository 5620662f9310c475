package import Planning
package import Spec

/// What is to be built for one service.
package struct BuildRequest: Sendable, Hashable {
    package var service: ServiceName
    /// Absolute.
    package var source: String
    /// `nil` = what the files of the source say.
    package var stack: Stack?
    /// The author's own command: run after the stack's dependencies are there, instead of its other steps.
    package var command: CommandLine?
    /// The folder with a site's finished files, relative to the source; `nil` for what is no site.
    package var siteOutput: String?

    package init(
        service: ServiceName, source: String, stack: Stack? = nil, command: CommandLine? = nil,
        siteOutput: String? = nil
    ) {
        self.service = service
        self.source = source
        self.stack = stack
        self.command = command
        self.siteOutput = siteOutput
    }
}
