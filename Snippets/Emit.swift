import Logging
import SocketIOEmitter

let redis = RedisClient(
    configuration: try RedisConfiguration(url: "redis://127.0.0.1:6379"),
    logger: Logger(label: "shop")
)
let io = Emitter(redis: redis)
let receipt = try await io.to("lobby").except("moderators").emit("chat message", "Hi guys from Emitter")
print("taken by \(receipt.receivers ?? 0) servers")
