import ArgumentParser

/// Which environment a command is about.
struct EnvironmentArgument: ParsableArguments {
    @Argument(help: "The environment; may be left out when there is only one, or only one `local` one.")
    var environment: String?
}
