;; `run` passes the host a text of 2 MiB to log.
(import "cofferdam:plugin/request@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32 i32)))
(memory (export "memory") 64)
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (memory.fill (i32.const 65536) (i32.const 97) (i32.const 2097152))
  (call $log (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 65536) (i32.const 2097152))
  (unreachable))
