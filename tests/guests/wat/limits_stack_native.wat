;; `run` calls itself on the native stack: there is no shadow stack to overflow first.
(func $down (param i64) (result i64)
  (i64.add (call $down (i64.add (local.get 0) (i64.const 1))) (i64.const 1)))
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (drop (call $down (i64.const 0)))
  (unreachable))
