// What is said, `PayloadValue` and `EventData`, is a part of this library's interface: one import is enough.
@_exported import Payload
