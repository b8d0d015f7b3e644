;; The parts of a plugin in WebAssembly text. A guest in `guests/wat` has those that it does differently;
;; the others are taken from here. Each part starts with the name by which it is exported.

;; part memory
(memory (export "memory") 1)

;; part cabi_realloc
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (call $alloc (local.get 3)))

;; part cofferdam:plugin/tools@0.1.0#list-tools
;; One tool: `run`, "A test tool.", {"type":"object"}.
(func (export "cofferdam:plugin/tools@0.1.0#list-tools") (type $list)
  (i32.const 400))
(data (i32.const 400) "\00\00\00\00\b0\01\00\00\01\00\00\00")
(data (i32.const 432) "\20\02\00\00\03\00\00\00")
(data (i32.const 452) "\28\02\00\00\0c\00\00\00\38\02\00\00\11\00\00\00")
(data (i32.const 544) "run")
(data (i32.const 552) "A test tool.")
(data (i32.const 568) "{\"type\":\"object\"}")

;; part cofferdam:plugin/tools@0.1.0#call-tool
;; An empty result: 44 bytes of zero.
(func (export "cofferdam:plugin/tools@0.1.0#call-tool") (type $call)
  (i32.const 608))

;; part always
(type $list (func (result i32)))
(type $call (func (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
(global $free (mut i32) (i32.const 32768))
(func $alloc (param $size i32) (result i32)
  (local $at i32)
  (local.set $at (global.get $free))
  (global.set $free
    (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
  (block $fits
    (br_if $fits (i32.le_u (global.get $free) (i32.shl (memory.size) (i32.const 16))))
    (br_if $fits
      (i32.ne (i32.const -1)
        (memory.grow
          (i32.sub (i32.add (i32.shr_u (global.get $free) (i32.const 16)) (i32.const 1)) (memory.size)))))
    (unreachable))
  (local.get $at))
