// mxfp8: OCP MX e4m3 elements, 8 bits, with the scale of mx.h.
#include "formats/e4m3.h"
#include "quant/mx.h"

namespace mlxport {
namespace {

const Registration registered(mx_mode<e4m3::Element>("mxfp8", "e4m3", 8));

}  // namespace
}  // namespace mlxport
