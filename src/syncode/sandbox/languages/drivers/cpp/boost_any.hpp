// Stand-in for boost::any, used where boost is not installed.
#pragma once
#include <any>
namespace boost {
using std::any;
using std::any_cast;
}
