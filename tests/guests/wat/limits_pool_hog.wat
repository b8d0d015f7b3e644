;; Eight memories, 60 tables and 98 core instances more than others, for as long as `run` runs: it tells so and never returns.
;;! beside 7 (module (memory 1))
;;! beside 60 (module (table 1 funcref))
;;! beside 30 (module)
(import "cofferdam:plugin/request@0.1.0" "progress" (func $progress (param f64 i32 f64 i32 i32 i32)))
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (call $progress (f64.const 1) (i32.const 0) (f64.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
  (loop $again (br $again))
  (unreachable))
