import ArgumentParser

@main
struct Hauban: AsyncParsableCommand {
    func run() async throws {}
}
