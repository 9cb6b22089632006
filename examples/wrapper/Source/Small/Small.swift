import Cmlx

/// The version of the C++ library.
public var version: String { String(cString: cmlx_version()) }

/// The sum of all values, computed by the C++ library.
public func sum(_ values: [Float]) -> Float {
    values.withUnsafeBufferPointer { cmlx_sum($0.baseAddress, Int32($0.count)) }
}
