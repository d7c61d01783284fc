internal import ELBModel
internal import Glibc

/// A name's IPv4 addresses, from the name server that is asked or from the system. Blocking.
enum NameLookup {
    static func addresses(of name: String, at resolver: Endpoint?) -> [IPAddress] {
        guard let resolver else { return self.addresses(of: name) }
        guard let socket = try? RawDatagrams(to: resolver) else { return [] }
        let question = Self.question(name, id: .random(in: 0...UInt16.max))
        // Datagrams may be lost.
        for _ in 0..<3 {
            socket.send(question)
            if let answer = socket.receiveBytes(within: .seconds(2)), answer.prefix(2) == question.prefix(2) {
                return Self.addresses(in: answer)
            }
        }
        return []
    }

    private static func addresses(of name: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let current = entry {
            current.pointee.ai_addr.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { place in
                found.append(Self.address(UInt32(bigEndian: place.pointee.sin_addr.s_addr)))
            }
            entry = current.pointee.ai_next
        }
        return found
    }

    private static func address(_ value: UInt32) -> IPAddress {
        let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
        return .v4(IPv4Address(octets[0], octets[1], octets[2], octets[3]))
    }

    /// A question for A records that asks for recursion (RFC 1035, section 4).
    static func question(_ name: String, id: UInt16) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        for label in name.split(separator: ".") {
            bytes.append(UInt8(clamping: label.utf8.count))
            bytes += label.utf8
        }
        return bytes + [0, 0, 1, 0, 1]
    }

    /// The A records of an answer; none when it says something else.
    static func addresses(in message: [UInt8]) -> [IPAddress] {
        guard message.count >= 12, message[3] & 0x0F == 0 else { return [] }
        let number = { (at: Int) in Int(message[at]) << 8 | Int(message[at + 1]) }
        var at = 12
        for _ in 0..<number(4) {
            guard let end = Self.endOfName(message, at) else { return [] }
            at = end + 4
        }
        var found: [IPAddress] = []
        for _ in 0..<number(6) {
            guard let end = Self.endOfName(message, at), end + 10 <= message.count else { break }
            let (type, length, data) = (number(end), number(end + 8), end + 10)
            guard data + length <= message.count else { break }
            if type == 1, length == 4 {
                found.append(.v4(IPv4Address(message[data], message[data + 1], message[data + 2], message[data + 3])))
            }
            at = data + length
        }
        return found
    }

    private static func endOfName(_ message: [UInt8], _ start: Int) -> Int? {
        var at = start
        while at < message.count {
            let length = Int(message[at])
            if length == 0 { return at + 1 }
            // A pointer ends the name.
            if length >= 0xC0 { return at + 2 }
            at += 1 + length
        }
        return nil
    }
}
