/// How much is kept of what the services write.
package struct LogLimits: Codable, Hashable, Sendable {
    /// A longer line is cut into several entries.
    package var lineBytes: Int
    /// A structured file that reached this is followed by the next one.
    package var fileBytes: Int
    /// When all structured files of the environment exceed it, the oldest go.
    package var totalBytes: Int

    package init(lineBytes: Int = 64 << 10, fileBytes: Int = 16 << 20, totalBytes: Int = 512 << 20) {
        self.lineBytes = lineBytes
        self.fileBytes = fileBytes
        self.totalBytes = totalBytes
    }
}
