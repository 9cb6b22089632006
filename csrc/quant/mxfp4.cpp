// mxfp4: OCP MX e2m1 elements, 4 bits, with the scale of mx.h.
#include "formats/e2m1.h"
#include "quant/mx.h"

namespace mlxport {
namespace {

const Registration registered(mx_mode<e2m1::Element>("mxfp4", "e2m1", 4));

}  // namespace
}  // namespace mlxport
