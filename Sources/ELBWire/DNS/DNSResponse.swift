package import ELBModel

/// One record of an answer.
package struct DNSRecord: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case address(IPAddress)
        case alias(DomainName)
        case nameServer(DomainName)
        case authority(DNSAuthority)
    }

    /// `nil`: the name that was asked for, in the client's own letters.
    package var name: DomainName?
    /// Seconds.
    package var timeToLive: UInt32
    package var value: Value

    package init(name: DomainName? = nil, timeToLive: UInt32, _ value: Value) {
        self.name = name
        self.timeToLive = timeToLive
        self.value = value
    }

    var type: DNSRecordType {
        switch self.value {
        case .address(.v4): .a
        case .address(.v6): .aaaa
        case .alias: .cname
        case .nameServer: .ns
        case .authority: .soa
        }
    }
}

/// What a zone says of itself (RFC 1035, section 3.3.13).
package struct DNSAuthority: Hashable, Sendable {
    package var server: DomainName
    package var mailbox: DomainName
    package var serial: UInt32
    /// Seconds for which "there is none" may be remembered (RFC 2308, section 4).
    package var negativeTimeToLive: UInt32

    package init(server: DomainName, mailbox: DomainName, serial: UInt32, negativeTimeToLive: UInt32) {
        self.server = server
        self.mailbox = mailbox
        self.serial = serial
        self.negativeTimeToLive = negativeTimeToLive
    }
}

/// A name server's answer.
package struct DNSResponse: Hashable, Sendable {
    package var code: DNSResponseCode
    /// Whether the server speaks for the zone.
    package var isAuthoritative: Bool
    package var answers: [DNSRecord]
    /// The zone's SOA, where there is no answer.
    package var authorities: [DNSRecord]

    package init(
        _ code: DNSResponseCode = .noError,
        isAuthoritative: Bool = true,
        answers: [DNSRecord] = [],
        authorities: [DNSRecord] = []
    ) {
        self.code = code
        self.isAuthoritative = isAuthoritative
        self.answers = answers
        self.authorities = authorities
    }

    /// Bytes of a UDP message for which no network needs fragments.
    package static let largestPayload = 1232

    /// The message that goes back by UDP: what does not fit is left out, and TC says so.
    package func datagram(to query: DNSQuery) -> [UInt8] {
        let limit = min(query.extensions?.payloadSize ?? 512, Self.largestPayload)
        let whole = self.message(to: query, isTruncated: false)
        return whole.count <= limit ? whole : self.message(to: query, isTruncated: true)
    }

    /// The message that goes back by TCP, without the two bytes of its length.
    package func message(to query: DNSQuery) -> [UInt8] {
        self.message(to: query, isTruncated: false)
    }

    private func message(to query: DNSQuery, isTruncated: Bool) -> [UInt8] {
        let answers = isTruncated ? [] : self.answers
        let authorities = isTruncated ? [] : self.authorities
        var flags: UInt16 = 0x8000 | self.code.rawValue & 0xF
        if self.isAuthoritative { flags |= 0x0400 }
        if isTruncated { flags |= 0x0200 }
        if query.recursionDesired { flags |= 0x0100 }
        var message: [UInt8] = []
        message.append(number: query.id)
        message.append(number: flags)
        message.append(number: 1)
        message.append(number: UInt16(answers.count))
        message.append(number: UInt16(authorities.count))
        message.append(number: query.extensions == nil ? 0 : 1)
        message += query.question
        for record in answers + authorities { record.append(to: &message) }
        if let extensions = query.extensions {
            // The root's name, OPT, our payload size, the code's higher bits, version 0, and the client's DO bit.
            message.append(0)
            message.append(number: DNSRecordType.opt.rawValue)
            message.append(number: UInt16(Self.largestPayload))
            message.append(UInt8(truncatingIfNeeded: self.code.rawValue >> 4))
            message.append(0)
            message.append(number: extensions.wantsDNSSEC ? 0x8000 : 0)
            message.append(number: 0)
        }
        return message
    }

    /// The answer to a message that could not be read: its header alone.
    package static func message(toUnreadable id: UInt16, opcode: UInt8, _ code: DNSResponseCode) -> [UInt8] {
        var message: [UInt8] = []
        message.append(number: id)
        message.append(number: 0x8000 | UInt16(opcode & 0xF) << 11 | code.rawValue & 0xF)
        return message + [UInt8](repeating: 0, count: 8)
    }
}

extension DNSRecord {
    func append(to message: inout [UInt8]) {
        if let name = self.name {
            name.append(to: &message)
        } else {
            // A pointer to the question's name, right behind the header.
            message.append(number: 0xC000 | UInt16(DNSQueryParser.headerLength))
        }
        message.append(number: self.type.rawValue)
        message.append(number: 1)
        message.append(long: self.timeToLive)
        let data = self.data
        message.append(number: UInt16(data.count))
        message += data
    }

    private var data: [UInt8] {
        var data: [UInt8] = []
        switch self.value {
        case .address(.v4(let address)): data.append(long: address.rawValue)
        case .address(.v6(let address)): data = address.octets
        case .alias(let name), .nameServer(let name): name.append(to: &data)
        case .authority(let authority):
            authority.server.append(to: &data)
            authority.mailbox.append(to: &data)
            data.append(long: authority.serial)
            // For secondary servers, of which there are none: Route 53's numbers.
            for seconds: UInt32 in [7200, 900, 1_209_600] { data.append(long: seconds) }
            data.append(long: authority.negativeTimeToLive)
        }
        return data
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: UInt16) {
        self.append(UInt8(truncatingIfNeeded: number >> 8))
        self.append(UInt8(truncatingIfNeeded: number))
    }

    fileprivate mutating func append(long number: UInt32) {
        self.append(number: UInt16(truncatingIfNeeded: number >> 16))
        self.append(number: UInt16(truncatingIfNeeded: number & 0xFFFF))
    }
}
