;; `run` logs for ever. (Parameters: level; logger: none; data.)
(import "cofferdam:plugin/request@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32 i32)))
(data (i32.const 720) "\"again\"")
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again
    (call $log (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 720) (i32.const 7))
    (br $again))
  (unreachable))
