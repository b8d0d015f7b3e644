;; `run` reports progress once, so that a test knows that it runs, and never returns.
(import "cofferdam:plugin/request@0.1.0" "progress" (func $progress (param f64 i32 f64 i32 i32 i32)))
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (call $progress (f64.const 1) (i32.const 0) (f64.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
  (loop $again (br $again))
  (unreachable))
