// A shop that tells the page of an order when it was shipped:
//
//     swift run --package-path Examples/WebServer
//     curl -X POST http://127.0.0.1:8080/orders/42/ship
import Foundation
import Hummingbird
import Logging
import SocketIOEmitter

let logger = Logger(label: "shop")
let router = Router()
let url = ProcessInfo.processInfo.environment["REDIS_URL"] ?? "redis://127.0.0.1:6379"

let redis = RedisClient(configuration: try RedisConfiguration(url: url), logger: logger)
let io = Emitter(redis: redis).of("/shop")
router.post("orders/:id/ship") { _, context in
    let order = try context.parameters.require("id")
    let receipt = try await io.to("order-\(order)").emit("shipped", .string(order))
    return "told \(receipt.receivers ?? 0) servers"
}

let application = Application(router: router, logger: logger)
try await application.runService()
await redis.close()
