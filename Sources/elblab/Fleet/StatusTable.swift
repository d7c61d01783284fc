import ELBFleet

/// Backends as a table for a terminal, or as one line each.
struct StatusTable {
    let style: TextStyle

    func lines(_ statuses: [BackendStatus]) -> [String] {
        if statuses.isEmpty { return ["no backends"] }
        if self.style.isPlain { return statuses.map(self.plainLine) }
        let rows = statuses.map(self.cells)
        let titles = ["NAME", "ZONE", "ADDRESS", "SIZE", "STATE", "BUSY", "LINE", "REQUESTS", "PROBES", "FAULTS"]
        let widths = titles.indices.map { column in
            ([titles[column]] + rows.map { $0[column] }).map(\.count).max() ?? 0
        }
        let line = { (cells: [String]) in
            zip(cells, widths).map { $0.padding(to: $1) }.joined(separator: "  ").trimmedAtEnd
        }
        return [self.style.bold(line(titles))]
            + zip(statuses, rows).map { status, cells in self.coloured(line(cells), status.state) }
    }

    private func cells(_ status: BackendStatus) -> [String] {
        [
            status.name,
            status.zone,
            Self.addresses(status),
            status.type,
            status.state.rawValue,
            String(status.serving),
            String(status.waiting),
            String(status.requests),
            String(status.probes),
            self.notes(status),
        ]
    }

    private func plainLine(_ status: BackendStatus) -> String {
        let process = status.processID.map { " pid=\($0)" } ?? ""
        let notes = self.notes(status)
        return "\(status.name) zone=\(status.zone) address=\(Self.addresses(status)) size=\(status.type) "
            + "state=\(status.state.rawValue) serving=\(status.serving) waiting=\(status.waiting) "
            + "requests=\(status.requests) probes=\(status.probes)\(process)\(notes.isEmpty ? "" : " faults=\"\(notes)\"")"
    }

    /// `127.10.1.64:8080`, more ports behind commas.
    static func addresses(_ status: BackendStatus) -> String {
        let host = status.address.contains(":") ? "[\(status.address)]" : status.address
        return "\(host):\(status.ports.map(String.init).joined(separator: ","))"
    }

    private func notes(_ status: BackendStatus) -> String {
        let dropped = status.droppedRecords == 0 ? [] : ["\(status.droppedRecords) records dropped"]
        return (status.faults + [status.ending].compactMap { $0 } + dropped).joined(separator: "; ")
    }

    private func coloured(_ text: String, _ state: BackendStatus.State) -> String {
        switch state {
        case .running: text
        case .refusing, .cut: self.style.yellow(text)
        case .dead, .stopped: self.style.red(text)
        }
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
