extension RedisError {
    /// The error that an error reply stands for, with what to do about it.
    ///
    /// The first word of the text decides (Redis 7.0 `src/server.c` createSharedObjects). Redis repeats names of
    /// commands, channels and users in such a text, never a password.
    ///
    /// - Parameter text: the error reply, without its leading `-`.
    public init(errorReply text: String) {
        let (code, remedy) = Self.judge(text)
        // What follows are words of the command itself, which can be a message.
        let text = text.firstRange(of: ", with args beginning with:").map { text[..<$0.lowerBound] } ?? text[...]
        self.init(code: code, message: "Redis replied \"\(text)\". \(remedy)")
    }

    private static func judge(_ text: String) -> (Code, String) {
        switch text.prefix(while: { $0 != " " }) {
        case "WRONGPASS":
            return (.authentication, wrongPassword)
        case "NOAUTH":
            return (.authentication, "Give a password: redis://:PASSWORD@host or redis://USER:PASSWORD@host.")
        case "NOPERM":
            return (.permission, permission)
        case "DENIED":
            return (.permission, "Set a password on that server, or bind it to an address that it trusts.")
        case "LOADING":
            return (.unavailable, "It is still loading its data: try again shortly.")
        case "BUSY":
            return (.unavailable, "A script is running there: try again shortly, or end it with SCRIPT KILL.")
        case "READONLY":
            return (.unavailable, "This server is a replica: connect to its master, or wait until the failover ends.")
        case "MASTERDOWN":
            return (.unavailable, "This replica has lost its master: try again shortly, or connect to the master.")
        case "TRYAGAIN", "CLUSTERDOWN":
            return (.unavailable, "The cluster is being rearranged: try again shortly.")
        case "MOVED", "ASK":
            return (.moved, "This server is one node of a cluster: write redis+cluster:// in the Redis URL.")
        case "OOM":
            return (.outOfMemory, "Raise its maxmemory, or free memory there.")
        case "ERR":
            return judgePlain(text)
        default:
            return (.refused, "Look at the server's log, and check that it is the server you mean.")
        }
    }

    private static func judgePlain(_ text: String) -> (Code, String) {
        // Redis 6.2 and 7.0 say so where a script's command is not permitted (`src/script_lua.c`), others begin with NOPERM.
        if text.contains("The user executing the script can't") { return (.permission, permission) }
        if text.contains("invalid password") {
            return (.authentication, wrongPassword)
        }
        // "Client sent AUTH, but no password is set" (before Redis 6) and "AUTH <password> called without any password
        // configured for the default user" (since).
        if text.contains("AUTH") && text.contains("password") {
            return (.authentication, "This server has no password: leave it out of the URL, or set one on the server.")
        }
        if text.contains("wrong number of arguments for 'auth'") {
            return (.authentication, "Redis before 6 knows no user names: use redis://:PASSWORD@host.")
        }
        if text.contains("max number of clients") {
            return (.refused, "Close other connections there, or raise its maxclients.")
        }
        if text.contains("DB index") {
            return (.refused, "Choose a database number that the server has (its setting `databases`, 16 by default).")
        }
        if text.contains("cluster support disabled") {
            return (.refused, "This server is no cluster: write redis:// in the Redis URL instead of redis+cluster://.")
        }
        // "unknown command 'SPUBLISH'", "Unknown subcommand or wrong number of arguments for 'SHARDNUMSUB'".
        if ["SPUBLISH", "SSUBSCRIBE", "SHARDNUMSUB", "SHARDCHANNELS"].contains(where: {
            text.uppercased().contains("'\($0)'")
        }) {
            return (.refused, "Sharded pub/sub needs Redis 7: choose the wire that the Socket.IO servers speak here.")
        }
        return (.refused, "Check that the server's version knows this command.")
    }

    private static let permission = "Grant it to this user with ACL SETUSER, or connect as another user."
    private static let wrongPassword = "Correct the user name or password in the Redis URL."
}
