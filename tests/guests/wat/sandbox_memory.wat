;; `run` grows its memory to 32 pages, traps unless all that it got is zero, and fills it for whoever comes next.
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (local $at i32)
  (drop (memory.grow (i32.const 31)))
  (local.set $at (i32.const 65536))
  (loop $next
    (if (i64.ne (i64.load (local.get $at)) (i64.const 0)) (then (unreachable)))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $next (i32.lt_u (local.get $at) (i32.const 2097152))))
  (memory.fill (i32.const 65536) (i32.const 0xaa) (i32.const 2031616))
  (i32.const 608))
