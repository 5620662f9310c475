import NIOCore

/// The rest of a file that is being sent.
struct FileTransfer {
    let file: OpenFile
    var rest: Range<Int>
    var isReading = false
}

extension ClientConnection {
    /// Answers the present request with a file of a site.
    func serveFile(_ folder: SiteFolder, _ path: String) {
        guard exchange.head.method == .get || exchange.head.method == .head else {
            fail(.methodNotAllowed)
            return
        }
        let wantsBody = exchange.head.method == .get
        let request = fileRequest(path)
        arm(.answerHead, loop.snapshot.timeouts.idle)
        let serial = serial
        loop.files.open(folder, request, wantsBody: wantsBody, on: loop.eventLoop).assumeIsolated().whenComplete {
            result in
            guard serial == self.serial, self.phase == .exchange, self.exchange.answer == .awaited else { return }
            switch result {
            case .success(let opened): self.send(opened, wantsBody: wantsBody)
            case .failure: self.fail(.fileUnreadable)
            }
        }
    }

    private func fileRequest(_ path: String) -> FileRequest {
        var request = FileRequest(path: path, acceptEncoding: "")
        exchange.bytes.withUnsafeReadableBytes { bytes in
            for field in parser.fields where field.known == .other {
                let name = bytes.slice(field.name)
                func value() -> String { String(decoding: bytes.slice(field.value), as: UTF8.self) }
                if name.equalsIgnoringCase("accept-encoding") {
                    request.acceptEncoding = value()
                } else if name.equalsIgnoringCase("if-none-match") {
                    request.ifNoneMatch = request.ifNoneMatch.map { $0 + "," + value() } ?? value()
                } else if name.equalsIgnoringCase("if-modified-since") {
                    request.ifModifiedSince = value()
                } else if name.equalsIgnoringCase("range") {
                    request.range = value()
                } else if name.equalsIgnoringCase("if-range") {
                    request.ifRange = value()
                }
            }
        }
        return request
    }

    private func send(_ opened: FileReader.Opened, wantsBody: Bool) {
        switch opened.answer {
        case .missing: fail(.fileMissing)
        case .unreadable: fail(.fileUnreadable)
        case .redirect: redirectToFolder()
        case .file(let body):
            guard let plan = opened.plan, let first = opened.first else {
                fail(.fileUnreadable)
                return
            }
            writeOwnHead(status: plan.status, fields: plan.fields, length: plan.status == 304 ? nil : plan.range.count)
            guard wantsBody, plan.range.count > 0 else {
                flush()
                finish()
                return
            }
            write(first)
            flush()
            let rest = (plan.range.lowerBound + first.readableBytes)..<plan.range.upperBound
            if rest.isEmpty {
                finish()
            } else {
                arm(.answerBody, loop.snapshot.timeouts.idle)
                exchange.file = FileTransfer(file: body.file, rest: rest)
                continueFile()
            }
        }
    }

    private func redirectToFolder() {
        let head = exchange.head
        let location = exchange.bytes.withUnsafeReadableBytes { bytes in
            String(decoding: bytes.slice(head.path), as: UTF8.self) + "/"
                + String(decoding: bytes.slice(Span32(Int(head.path.end), Int(head.target.end))), as: UTF8.self)
        }
        writeOwnHead(status: 301, fields: ByteBuffer(string: "Location: \(location)\r\n"), length: 0)
        flush()
        finish()
    }

    /// Reads and sends the next part of a file once the client can take it.
    func continueFile() {
        guard var transfer = exchange.file, !transfer.isReading, isWritable, phase == .exchange else { return }
        transfer.isReading = true
        exchange.file = transfer
        let rest = transfer.rest
        let part = rest.lowerBound..<min(rest.upperBound, rest.lowerBound + FileReader.chunk)
        let serial = serial
        loop.files.read(transfer.file, part, on: loop.eventLoop).assumeIsolated().whenComplete { result in
            guard serial == self.serial, self.phase == .exchange, self.exchange.file != nil else { return }
            guard case .success(.some(let data)) = result else {
                // The length is already told: only a broken connection says that the rest is missing.
                self.close()
                return
            }
            self.write(data)
            self.flush()
            self.arm(.answerBody, self.loop.snapshot.timeouts.idle)
            let left = part.upperBound..<rest.upperBound
            if left.isEmpty {
                self.exchange.file = nil
                self.finish()
            } else {
                self.exchange.file = FileTransfer(file: transfer.file, rest: left)
                self.continueFile()
            }
        }
    }
}
