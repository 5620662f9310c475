extension LocalEngine {
    package var notes: [String] { portNotes.all }
    package var accessLog: String { place.accessLog }

    package func logs(_ query: LogQuery) async throws -> [LogEntry] { LogReader(folder: place.logs).read(query) }

    package func followLogs(_ query: LogQuery) -> AsyncStream<LogEntry> {
        LogReader(folder: place.logs).follow(query, keeper)
    }

    package func keepLogs(for age: Duration) throws { try LogRetention.write(age, in: place.logs) }
}
