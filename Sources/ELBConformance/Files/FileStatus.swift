internal import CSockets

/// What the system says of a file (stat(2)).
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file
        case folder
        case link
        /// A pipe, a socket, a device.
        case other
    }

    package var kind: Kind
    /// The lowest nine bits of the mode.
    package var permissions: UInt32
    package var owner: UInt32
    /// In bytes.
    package var size: Int
    package var inode: UInt64
    /// More than one is hard links.
    package var names: Int
    package var modifiedSeconds: Int
    package var modifiedNanoseconds: Int

    /// - Parameter followsLinks: else a link is what is told of.
    /// - Returns: `nil` if nothing is there, or it cannot be asked.
    package init?(of path: String, followsLinks: Bool) {
        var status = elblab_file_status()
        guard elblab_status_of_path(path, followsLinks, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of an open file.
    package init?(of descriptor: CInt) {
        var status = elblab_file_status()
        guard elblab_status_of_open_file(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: elblab_file_status) {
        self.kind =
            switch status.kind {
            case ELBLAB_FILE_PLAIN: .file
            case ELBLAB_FILE_FOLDER: .folder
            case ELBLAB_FILE_LINK: .link
            // C's enumerations have no end.
            default: .other
            }
        self.permissions = status.permissions
        self.owner = status.owner
        self.size = Int(clamping: status.size)
        self.inode = status.inode
        self.names = Int(clamping: status.names)
        self.modifiedSeconds = Int(status.modified_seconds)
        self.modifiedNanoseconds = Int(status.modified_nanoseconds)
    }
}
