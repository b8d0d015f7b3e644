;; `run` grows its memory page by page, for ever.
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (loop $again
    (drop (memory.grow (i32.const 1)))
    (br $again))
  (unreachable))
