/// A language that lessons and messages are written in; the raw value is what `--lang` takes and what pages are named by.
package enum Language: String, Hashable, Sendable, CaseIterable {
    case en
    case ko

    /// The language of a POSIX locale name such as `ko_KR.UTF-8`; English for everything that is not Korean.
    package init(localeName: String?) {
        self = localeName?.lowercased().hasPrefix("ko") == true ? .ko : .en
    }

    /// The language that the environment asks for: `ELBLAB_LANG`, then `LC_ALL`, `LC_MESSAGES`, `LANG`, the first that is
    /// set and not empty.
    package init(environment: [String: String]) {
        let names = ["ELBLAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
        self.init(localeName: names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty })
    }
}

/// A short text in every language. Longer texts are pages, messages with parameters are in `Messages`.
package struct LocalizedText: Hashable, Sendable {
    package var en: String
    package var ko: String

    package init(en: String, ko: String) {
        self.en = en
        self.ko = ko
    }

    package subscript(_ language: Language) -> String {
        switch language {
        case .en: self.en
        case .ko: self.ko
        }
    }
}
