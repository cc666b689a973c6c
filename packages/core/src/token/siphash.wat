;; SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein, 2012), of a message in memory.
;;
;; Memory: the key in bytes 0 to 15, the result in 16 to 31, zeros in 32 to 47, the message from 64 on.
;; After a change: UPDATE_WASM=1, and the test of siphash.ts writes siphash-wasm.ts anew.
(module
  (memory (export "memory") 1)

  ;; Hashes the message. Eight bytes behind it are overwritten.
  (func (export "hash") (param $length i32)
    (local $v0 i64) (local $v1 i64) (local $v2 i64) (local $v3 i64)
    (local $at i32) (local $end i32) (local $word i64) (local $phase i32)

    (local.set $v0 (i64.xor (i64.load (i32.const 0)) (i64.const 0x736f6d6570736575)))
    (local.set $v1 (i64.xor (i64.load (i32.const 8)) (i64.const 0x646f72616e646f83))) ;; …6d, xor ee: 128 bits are wanted
    (local.set $v2 (i64.xor (i64.load (i32.const 0)) (i64.const 0x6c7967656e657261)))
    (local.set $v3 (i64.xor (i64.load (i32.const 8)) (i64.const 0x7465646279746573)))

    ;; The last word: what is left of the message, zeros, and the length modulo 256 in the last byte.
    (local.set $at (i32.const 64))
    (local.set $end (i32.add (i32.const 72) (i32.and (local.get $length) (i32.const -8))))
    (i64.store (i32.add (i32.const 64) (local.get $length)) (i64.const 0))
    (i32.store8 (i32.sub (local.get $end) (i32.const 1)) (local.get $length))

    (loop $words
      (local.set $word (i64.load (local.get $at)))
      (local.set $v3 (i64.xor (local.get $v3) (local.get $word)))

      (local.set $v0 (i64.add (local.get $v0) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 13)) (local.get $v0)))
      (local.set $v0 (i64.rotl (local.get $v0) (i64.const 32)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 16)) (local.get $v2)))
      (local.set $v0 (i64.add (local.get $v0) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 21)) (local.get $v0)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 17)) (local.get $v2)))
      (local.set $v2 (i64.rotl (local.get $v2) (i64.const 32)))

      (local.set $v0 (i64.add (local.get $v0) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 13)) (local.get $v0)))
      (local.set $v0 (i64.rotl (local.get $v0) (i64.const 32)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 16)) (local.get $v2)))
      (local.set $v0 (i64.add (local.get $v0) (local.get $v3)))
      (local.set $v3 (i64.xor (i64.rotl (local.get $v3) (i64.const 21)) (local.get $v0)))
      (local.set $v2 (i64.add (local.get $v2) (local.get $v1)))
      (local.set $v1 (i64.xor (i64.rotl (local.get $v1) (i64.const 17)) (local.get $v2)))
      (local.set $v2 (i64.rotl (local.get $v2) (i64.const 32)))

      (local.set $v0 (i64.xor (local.get $v0) (local.get $word)))
      (br_if $words (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $end)))

      ;; The four rounds before each half of the result are those of two words of zeros.
      (local.set $at (i32.const 32))
      (local.set $end (i32.const 48))
      (if (i32.eqz (local.get $phase))
        (then
          (local.set $v2 (i64.xor (local.get $v2) (i64.const 0xee)))
          (local.set $phase (i32.const 1))
          (br $words)))
      (i64.store
        (i32.shl (i32.add (local.get $phase) (i32.const 1)) (i32.const 3))
        (i64.xor (i64.xor (local.get $v0) (local.get $v1)) (i64.xor (local.get $v2) (local.get $v3))))
      (if (i32.eq (local.get $phase) (i32.const 1))
        (then
          (local.set $v1 (i64.xor (local.get $v1) (i64.const 0xdd)))
          (local.set $phase (i32.const 2))
          (br $words))))))
