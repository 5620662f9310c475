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
    /// It is started: a page among its files makes no site of it.
    package var isProgram: Bool

    package init(
        service: ServiceName, source: String, stack: Stack? = nil, command: CommandLine? = nil,
        siteOutput: String? = nil, isProgram: Bool = false
    ) {
        self.service = service
        self.source = source
        self.stack = stack
        self.command = command
        self.siteOutput = siteOutput
        self.isProgram = isProgram
    }
}
