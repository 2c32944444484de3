#!/bin/bash
# Checks an unpacked evidence package by plain tools. 用公开工具核验已解压的证据包。
# usage: bash VERIFY.sh ROOT.crt [TSA-ROOT.crt]    inside the package's folder
# Use your own copy of this script and the root certificate as the agency publishes it, not what came with the package.
# 请使用自己另行取得的本脚本和生态环境部门公布的根证书，不要使用包内自带的。
# Tools: bash sha256sum openssl find grep sed cut sort cmp xxd base32 base64. Exit: 0 genuine, 1 not, 2 cannot be checked.
set -euo pipefail
export LC_ALL=C
root=${1:-}; tsa=${2:-}
t=$(mktemp -d); trap 'rm -rf "$t"' EXIT
fail(){ echo "核验不通过：$1 / NOT GENUINE: $2"; exit 1; }
changed(){ fail "$1 被改动" "$1 was changed"; }
name(){ sed -n '1{s/[^A-Za-z0-9._/-]/?/g;p;q}' "$1"; } # the first name of a list, which steers no terminal
trap 'echo "核验不通过：见本脚本第 $LINENO 行 / NOT GENUINE: see line $LINENO of this script"; exit 1' ERR
cannot(){ echo "无法核验：$1 / CANNOT BE CHECKED: $2"; exit 2; }
[ -f "$root" ] || cannot "请给出根证书文件：bash VERIFY.sh ROOT.crt" "give the agency's root certificate: bash VERIFY.sh ROOT.crt"
hash(){ openssl dgst -sha256 -binary "$@" | xxd -p -c64; }
has(){ [ -f "$1" ]; }

# 1. Exactly the files of a package, none of them a link / 文件齐全，无多余，无链接
[ -z "$(find . ! -type f ! -type d)" ] || fail "含有链接或者特殊文件" "links or special files"
find . -type f | cut -c3- | sort > "$t/all"
grep -v -x -E 'data/(record\.json|e[0-9]{3,4}(\.[a-z0-9]{1,8})?)|bagit\.txt|bag-info\.txt|manifest-(sha256|sm3)\.txt|seal\.(txt|sig)|entry\.(prev|head|body)|health\.txt|VERIFY\.(sh|txt)|tagmanifest-sha256\.(txt|sig)|(device|package)\.(crt|pub)|log\.(tlog-proof|crt)|checkpoint\.(txt|sig|tsr)|after\.note|tsa\.crt|e[0-9]{3,4}\.order\.(prev|head|body|sig)' "$t/all" > "$t/odd" && fail "多出文件 $(name "$t/odd")" "the file $(name "$t/odd") was added"
for f in bagit.txt bag-info.txt data/record.json manifest-sha256.txt manifest-sm3.txt seal.txt seal.sig entry.prev entry.head entry.body health.txt VERIFY.sh VERIFY.txt tagmanifest-sha256.txt tagmanifest-sha256.sig; do
 has $f || fail "缺少 $f" "$f is missing"; done
for k in device package; do
 has $k.crt || has $k.pub || fail "缺少 $k.crt" "$k.crt is missing"
 has $k.crt && has $k.pub && fail "多出 $k.pub" "$k.pub is one too many"; done
if has log.tlog-proof || has checkpoint.txt || has checkpoint.sig || has checkpoint.tsr || has tsa.crt; then
 for f in log.tlog-proof checkpoint.txt checkpoint.sig log.crt; do has $f || fail "缺少 $f" "$f is missing"; done; fi
{ grep -x -E 'e[0-9]{3,4}\.order\.(prev|head|body|sig)' "$t/all" || true; } | cut -d. -f1 | sort -u > "$t/ordered"
while read -r e; do for f in $e.order.prev $e.order.head $e.order.body $e.order.sig log.crt; do has $f || fail "缺少 $f" "$f is missing"; done; done < "$t/ordered"
has after.note && { has log.crt || fail "缺少 log.crt" "log.crt is missing"; }
if has checkpoint.tsr || has tsa.crt; then has checkpoint.tsr && has tsa.crt || fail "缺少 checkpoint.tsr 或者 tsa.crt" "checkpoint.tsr or tsa.crt is missing"; fi

# 2. Every file fits its hash, and every manifest lists exactly its files / 逐个核对哈希值
listed(){ # MANIFEST: its lines are in our one form
 grep -q -v -x -E '[0-9a-f]{64}  [A-Za-z0-9._/-]{1,64}' "$1" && changed "$1"
 cut -c67- "$1" > "$t/names"; sort -u "$t/names" | cmp -s - "$t/names" || changed "$1"
 [ "$(tail -c1 "$1" | xxd -p)" = 0a ] || changed "$1"; }
listed tagmanifest-sha256.txt
grep -v -x -e 'data/.*' -e tagmanifest-sha256.txt -e tagmanifest-sha256.sig "$t/all" | cmp -s - "$t/names" || fail "文件与 tagmanifest-sha256.txt 所列不一致" "files added or missing by tagmanifest-sha256.txt"
fits(){ # MANIFEST: names the first file that does not fit it
 sha256sum --quiet --strict -c "$1" > "$t/check" 2>/dev/null && return
 sed -n 's/: FAILED.*$//p' "$t/check" > "$t/bad"; fail "$(name "$t/bad") 被改动，与 $1 不符" "$(name "$t/bad") was changed: it does not fit $1"; }
fits tagmanifest-sha256.txt
for m in manifest-sha256.txt manifest-sm3.txt; do
 listed $m; grep -x 'data/.*' "$t/all" | cmp -s - "$t/names" || fail "文件与 $m 所列不一致" "files added or missing by $m"; done
fits manifest-sha256.txt
if openssl dgst -sm3 /dev/null >/dev/null 2>&1; then
 openssl dgst -sm3 -r $(cut -c67- manifest-sm3.txt) | sed 's/ \*/  /' > "$t/sm3"
 cmp -s "$t/sm3" manifest-sm3.txt || { { grep -v -x -F -f manifest-sm3.txt "$t/sm3" || true; } | cut -c67- > "$t/bad"; fail "$(name "$t/bad") 被改动，与 manifest-sm3.txt 不符" "$(name "$t/bad") was changed: it does not fit manifest-sm3.txt"; }
else echo "SM3 未核对（本机 openssl 不支持）/ SM3 not checked: this openssl lacks it"; fi
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' | cmp -s - bagit.txt || changed bagit.txt

# 3. The keys, and whether the root vouches for them / 密钥与根证书
logmark=2.25.186171047619728964174312645657871749316
registered=yes
for k in device package log; do
 if has $k.crt; then
  openssl verify -no_check_time -CAfile "$root" $k.crt >/dev/null 2>&1 || fail "$k.crt 不是所给根证书签发" "$k.crt was not issued by this root"
  openssl x509 -in $k.crt -pubkey -noout > "$t/$k.pub" 2>/dev/null || changed $k.crt
  openssl x509 -in $k.crt -noout -text | grep -x " *$logmark" >/dev/null && marked=yes || marked=no
  if [ $k = log ]; then [ $marked = yes ] || fail "log.crt 不是日志的证书" "log.crt is no certificate for a log"
  else [ $marked = no ] || fail "$k.crt 不是设备的证书" "$k.crt is no certificate of a device"; fi
 elif [ $k != log ]; then registered=no; openssl pkey -pubin -in $k.pub -pubout -out "$t/$k.pub" 2>/dev/null || changed $k.pub; fi
done
signed(){ # KEY SIGNATURE FILE; openssl passes over what is behind a signature of the greatest length, DER's second byte tells it
 [ "$(wc -c < "$2")" = $((2 + 0x$(xxd -s1 -l1 -p "$2" | grep . || echo ff))) ] || fail "签名 $2 被改动" "the signature $2 was changed"
 openssl dgst -sha256 -verify "$t/$1.pub" -signature "$2" "$3" >/dev/null 2>&1 || fail "签名 $2 与 $3 不符" "the signature $2 does not fit $3"; }
signed package tagmanifest-sha256.sig tagmanifest-sha256.txt

# 4. The seal / 签封
part(){ cut -d/ -f"$1" seal.txt; }
profile=$(part 4)
[ "$profile" = 1 ] || cannot "本脚本不认识规格 $profile" "profile $profile is not known to this script"
[ "$(grep -c '' seal.txt)" = 1 ] && [ "$(tail -c1 seal.txt)" != "" ] || changed seal.txt
grep -q -x -E 'HTTPS://[0-9A-Z.:-]+/1/[0-9A-Z.-]+/([0-9A-Z]+|-)/[0-9]{8}T[0-9]{6}Z/[0-9]+/[0-9]+/[A-Z2-7]{52}/[A-Z2-7]{13}' seal.txt || changed seal.txt
signed device seal.sig seal.txt
openssl pkey -pubin -in "$t/device.pub" -outform DER > "$t/device.der"
[ "$(part 11)" = "$(openssl dgst -sha256 -binary "$t/device.der" | head -c8 | base32 -w0 | tr -d =)" ] || fail "签封是另一个密钥所作" "the seal was made by another key"
[ "$(part 10)" = "$(openssl dgst -sha256 -binary data/record.json | base32 -w0 | tr -d =)" ] || fail "签封针对的是另一份记录，或者 data/record.json 被改动" "the seal is for another record, or data/record.json was changed"

# 5. The record says what the seal says, and names exactly the evidence here / 笔录与签封、证据一致
r=data/record.json
prev=$(xxd -p -c64 entry.prev)
id=$(sed -n 's/^{"v":1,"d":"[0-9a-f]*","q":[0-9]*,"k":"seal","t":"[a-z_]*","e":"\([^"\\]*\)",.*/\1/p' entry.head)
link=',"o":\{"d":"([0-9a-f]{32})","q":([0-9]*),"h":"[0-9a-f]{64}","s":"[A-Za-z0-9_-]*"(,"p":"([0-9a-f]{64})"(,"x":"([^"\\]|\\.)*")?)?\}\}$'
carried=$(sed -n -E "s/.*$link/\1 \2/p" entry.head); chained=$(sed -n -E "s/.*$link/\4/p" entry.head)
own=$(sed -n 's/^{"v":1,"d":"\([0-9a-f]\{32\}\)","q":\([0-9]*\),"k":"seal",.*/\1 \2/p' entry.head)
for w in "\"number\":\"$(part 5)\"," "\"seq\":$(part 8)," "\"key\":\"$(part 11)\"," "\"id\":\"$id\","; do grep -q -F "$w" $r || fail "笔录 data/record.json 与签封 seal.txt 不一致" "data/record.json and seal.txt contradict each other"; done
{ grep -o '"path":"[^"\\]*","sha256":"[0-9a-f]\{64\}"' $r || true; } | sed 's/"path":"\([^"]*\)","sha256":"\([0-9a-f]*\)"/\2  \1/' | sort > "$t/named"
: > "$t/gone" # evidence that an order took out: the server signed which / 已按令删除的证据：由服务器签名证明
s='"([^"\\]|\\.)*"'; v="($s|[a-z0-9-]+)"; m="\"[a-z0-9_]+\":$v"
kept="(,\"r\":([][,]|\"[^\"\\]*\")*)?(,\"x\":\{([,:]|$s)*\})?"
while read -r e; do
 w=$(grep -E "  data/$e(\.[a-z0-9]{1,8})?$" "$t/named" || true)
 [ "$(grep -c . <<< "$w")" = 1 ] && ! has "$(cut -c67- <<< "$w")" || fail "证据不是笔录所载的证据" "the evidence is not that which the record names"
 openssl pkey -pubin -in "$t/log.pub" -outform DER > "$t/log.der"
 [ "$(wc -c < $e.order.prev)" = 32 ] && [ "$(wc -l < $e.order.head)" = 0 ] && grep -q -E "^\{\"v\":1,\"d\":\"$(head -c32 <<< "$(hash "$t/log.der")")\",\"q\":[0-9]{1,16},\"k\":\"redact\"," $e.order.head || changed $e.order.sig
 { printf 'op1\0'; cat $e.order.prev; hash $e.order.head | xxd -r -p; hash $e.order.body | xxd -r -p; } > "$t/order"
 signed log $e.order.sig "$t/order"
 f=$(cut -c-64 <<< "$w"); p=$(cut -c67- <<< "$w"); of='^\{"of":"[0-9a-f]{64}","body":"'
 grep -q -E "$of([0-9a-f]{64})?\"$kept,\"files\":\[[^]]*\"$f\"[^]]*\]" $e.order.body || changed $e.order.body
 x=$(sed -n 's/^{"v":1,"d":"[0-9a-f]*","q":[0-9]*,"k":"redact","t":"[a-z_]*","e":"\([0-9A-Za-z-]*\)",.*/\1/p' $e.order.head) # on this evidence, or on the file wherever it is / 针对该件证据，或者针对该文件
 [ -n "$x" ] && { grep -q -E "$of\"" $e.order.body || grep -q -E "\"about\":\{($m,)*\"id\":\"$x\"(,$m)*\},\"bytes\":$v,\"captured\":\{($m(,$m)*)?\},\"media\":$v,\"note\":$v,\"path\":\"${p/./\\.}\",\"sha256\":\"$f\"" $r; } || changed $e.order.head
 echo "$w" >> "$t/gone"; done < "$t/ordered"
{ grep -v '  data/record\.json$' manifest-sha256.txt || true; } | sort - "$t/gone" | cmp -s - "$t/named" || fail "证据不是笔录所载的证据" "the evidence is not that which the record names"
{ grep -o '"path":"[^"\\]*","sha256":"[0-9a-f]\{64\}","sm3":"[0-9a-f]\{64\}"' $r || true; } | sed 's/"path":"\([^"]*\)","sha256":"[0-9a-f]*","sm3":"\([0-9a-f]*\)"/\2  \1/' > "$t/named.sm3"
while read -r w; do grep -q -F "  $(cut -c67- <<< "$w")" "$t/gone" || grep -q -x -F "$w" manifest-sm3.txt || fail "证据不是笔录所载的证据（SM3）：$(cut -c67- <<< "$w")" "the evidence is not that which the record names (SM3): $(cut -c67- <<< "$w")"; done < "$t/named.sm3"

# 6. The seal's entry in the device's journal / 签封在设备日志中的条目
[ "$(wc -c < entry.prev)" = 32 ] && [ -n "$id" ] && [ "$(wc -l < entry.head)" = 0 ] || changed entry.head
[ "${carried:-$own}" = "$(head -c32 <<< "$(hash "$t/device.der")") $(part 8)" ] || changed entry.head
[ -n "$carried" ] && [ -z "$chained" ] || grep -q -F "\"prev\":\"${chained:-$prev}\"," $r || changed entry.prev
sig=$(base64 -w0 < seal.sig | tr '+/' '-_' | tr -d =)
case "$(cat entry.body)" in "{\"line\":\"$(cat seal.txt)\",\"sig\":\"$sig\",\"covers\":["*"],\"bytes\":\"$(hash $r)\"}") ;; *) changed entry.body;; esac
op=$( { printf 'op1\0'; cat entry.prev; hash entry.head | xxd -r -p; hash entry.body | xxd -r -p; } | hash)

# 7. The server's log holds that entry (RFC 6962) / 服务器日志
logged=no; before=; stated(){ sed -n '/^Time: [0-9]\{4\}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z$/{s/^Time: //p;q}' "$1"; }
if has log.tlog-proof; then
 signed log checkpoint.sig checkpoint.txt
 [ "$(sed -n 1p log.tlog-proof)" = c2sp.org/tlog-proof@v1 ] || changed log.tlog-proof
 sed '1,/^$/d' log.tlog-proof | sed '/^$/,$d' | cmp -s - checkpoint.txt || fail "log.tlog-proof 针对的是另一个检查点" "log.tlog-proof is for another checkpoint"
 sed '1,/^$/d' log.tlog-proof | sed '1,/^$/d' | sed -n 's/^— [^ ]* \([A-Za-z0-9+/=]*\)$/\1/p' | while read -r s; do base64 -d <<< "$s" | tail -c +5 | xxd -p -c200; done | grep -x "$(xxd -p -c200 checkpoint.sig)" >/dev/null || changed log.tlog-proof
 i=$(sed -n '2s/^index \(0\|[1-9][0-9]\{0,14\}\)$/\1/p' log.tlog-proof); n=$(sed -n 2p checkpoint.txt)
 [ -n "$i" ] && [ "$i" -lt "$n" ] || changed log.tlog-proof
 node(){ printf '01%s%s' "$1" "$2" | xxd -r -p | hash; }
 x=$( { printf '\0'; xxd -r -p <<< "$op"; } | hash); fn=$i; sn=$((n-1))
 for p in $(sed '1,2d;/^$/,$d' log.tlog-proof); do
  p64=$p; p=$(base64 -d <<< "$p" | xxd -p -c64); [ "$(xxd -r -p <<< "$p" | base64)" = "$p64" ] || changed log.tlog-proof
  [ $sn -gt 0 ] && [ ${#p} = 64 ] || fail "log.tlog-proof 过长" "log.tlog-proof is too long"
  if [ $((fn&1)) = 1 ] || [ $fn = $sn ]; then x=$(node "$p" "$x"); while [ $((fn&1)) = 0 ] && [ $fn -gt 0 ]; do fn=$((fn>>1)); sn=$((sn>>1)); done
  else x=$(node "$x" "$p"); fi
  fn=$((fn>>1)); sn=$((sn>>1)); done
 [ $sn = 0 ] && [ "$(xxd -r -p <<< "$x" | base64)" = "$(sed -n 3p checkpoint.txt)" ] || fail "服务器日志中没有这一签封" "the server's log does not hold this seal"
 logged=yes; before=$(stated checkpoint.txt)
fi

# 8. The checkpoint that the record names / 笔录所载的检查点
after=
if has after.note; then
 grep -q -F "\"after\":\"$(hash after.note)\"," $r || fail "after.note 不是笔录所载的检查点" "after.note is not what the record names"
 sed '/^$/,$d' after.note > "$t/after"
 s=$(sed '1,/^$/d' after.note | sed -n '/^— [^ ]* [A-Za-z0-9+/=]*$/{s/.* //p;q}')
 base64 -d <<< "$s" 2>/dev/null | tail -c +5 > "$t/after.sig"; signed log "$t/after.sig" "$t/after"
 after=$(stated "$t/after")
fi

# 9. An outside time-stamp (RFC 3161) / 外部时间戳
stamp=
if has checkpoint.tsr && [ -f "$tsa" ]; then
 at=$(openssl ts -reply -in checkpoint.tsr -text 2>/dev/null | sed -n 's/^Time stamp: //p')
 [ -n "$at" ] && openssl ts -verify -data checkpoint.txt -in checkpoint.tsr -CAfile "$tsa" -untrusted tsa.crt -attime "$(date -u -d "$at" +%s)" >/dev/null 2>&1 || fail "外部时间戳 checkpoint.tsr 不符" "the outside time-stamp checkpoint.tsr does not fit"
 stamp=$at
fi

say(){ echo "- $1"; }
rootname=$(openssl x509 -in "$root" -noout -subject -nameopt utf8,sep_comma_plus 2>/dev/null | sed 's/^subject= *//')
rootprint=$(openssl x509 -in "$root" -noout -fingerprint -sha256 2>/dev/null | sed 's/^.*=//')
if [ $registered = yes ]; then echo "核验通过 / GENUINE: $(part 5)"; else echo "无法核验到底 / CANNOT BE CHECKED TO THE END: $(part 5)"; fi
say "完整性：每个文件与其哈希值一致，笔录和证据自签封后未改动 / Integrity: every file fits its hash; record and evidence are unchanged since they were sealed"
while read -r w; do say "已按令删除，并非被改动：$(cut -c67- <<< "$w")，笔录载有其哈希值，服务器签名证明 / Taken out by order, and not altered: $(cut -c67- <<< "$w"); the record names its hash, and the server signed that it went"; done < "$t/gone"
if [ $registered = yes ]; then say "来源：由登记设备 $(part 11) 签封，由所给根证书证明 / Origin: sealed by the registered device $(part 11); the given root vouches for it"
else say "来源：由未登记设备 $(part 11) 签封，无人为其作保 / Origin: sealed by an unregistered device $(part 11); nobody vouches for it"; fi
say "所用根证书：$rootname，SHA-256 $rootprint，请与公布的指纹核对 / Root certificate used: $rootname, SHA-256 $rootprint; compare it with the one published"
if [ -n "$after" ]; then say "时间：晚于 $after（服务器时钟） / Time: not before $after (server's clock)"; else say "时间：下限未证明 / Time: not before: not proved"; fi
if [ -n "$before" ]; then say "时间：早于 $before（服务器时钟） / Time: not after $before (server's clock)"; fi
if [ -n "$stamp" ]; then say "时间：早于 $stamp（外部时间戳） / Time: not after $stamp (outside time-stamp)"; fi
if has checkpoint.tsr && [ -z "$stamp" ]; then say "含外部时间戳，未核对：请同时给出其根证书 / outside time-stamp not checked: give its authority's root certificate as second"; fi
if [ $logged = yes ]; then say "已入日志：第 $((i+1)) 条，共 $n 条 / Logged: entry $((i+1)) of $n in $(sed -n 1p checkpoint.txt)"; else say "未入日志：本包没有服务器日志的证明 / Not logged: the package holds no proof of the server's log"; fi
say "未证明：内容真实、设备时钟准确、签封之前的事实 / Not proved: that the content is true, that the device's clock was right, or anything from before the seal"
[ $registered = yes ] || exit 2
