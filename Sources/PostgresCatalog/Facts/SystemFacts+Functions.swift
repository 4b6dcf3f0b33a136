// Written by scripts/postgres-facts.py from PostgreSQL 15. oid name strict+set+volatility result arguments
extension SystemFacts {
    static let functionRows = #"""
        3 heap_tableam_handler 10v 269 2281; 31 byteaout 10i 2275 17; 33 charout 10i 2275 18; 34 namein 10i 19 2275
        35 nameout 10i 2275 19; 38 int2in 10i 21 2275; 39 int2out 10i 2275 21; 40 int2vectorin 10i 22 2275
        41 int2vectorout 10i 2275 22; 42 int4in 10i 23 2275; 43 int4out 10i 2275 23; 44 regprocin 10s 24 2275
        45 regprocout 10s 2275 24; 46 textin 10i 25 2275; 47 textout 10i 2275 25; 48 tidin 10i 27 2275
        49 tidout 10i 2275 27; 50 xidin 10i 28 2275; 51 xidout 10i 2275 28; 52 cidin 10i 29 2275; 53 cidout 10i 2275 29
        54 oidvectorin 10i 30 2275; 55 oidvectorout 10i 2275 30; 56 boollt 10i 16 16,16; 57 boolgt 10i 16 16,16
        60 booleq 10i 16 16,16; 61 chareq 10i 16 18,18; 62 nameeq 10i 16 19,19; 63 int2eq 10i 16 21,21
        64 int2lt 10i 16 21,21; 65 int4eq 10i 16 23,23; 66 int4lt 10i 16 23,23; 67 texteq 10i 16 25,25
        68 xideq 10i 16 28,28; 70 charne 10i 16 18,18; 72 charle 10i 16 18,18; 73 chargt 10i 16 18,18
        74 charge 10i 16 18,18; 77 int4 10i 23 18; 78 char 10i 18 23; 79 nameregexeq 10i 16 19,25; 84 boolne 10i 16 16,16
        86 pg_ddl_command_in 10i 32 2275; 87 pg_ddl_command_out 10i 2275 32; 88 pg_ddl_command_recv 10i 32 2281
        89 version 10s 25; 90 pg_ddl_command_send 10i 17 32; 101 eqsel 10s 701 2281,26,2281,23
        102 neqsel 10s 701 2281,26,2281,23; 103 scalarltsel 10s 701 2281,26,2281,23; 104 scalargtsel 10s 701 2281,26,2281,23
        105 eqjoinsel 10s 701 2281,26,2281,21,2281; 106 neqjoinsel 10s 701 2281,26,2281,21,2281
        107 scalarltjoinsel 10s 701 2281,26,2281,21,2281; 108 scalargtjoinsel 10s 701 2281,26,2281,21,2281
        109 unknownin 10i 705 2275; 110 unknownout 10i 2275 705; 117 point_in 10i 600 2275; 118 point_out 10i 2275 600
        119 lseg_in 10i 601 2275; 120 lseg_out 10i 2275 601; 121 path_in 10i 602 2275; 122 path_out 10i 2275 602
        123 box_in 10i 603 2275; 124 box_out 10i 2275 603; 141 int4mul 10i 23 23,23; 144 int4ne 10i 16 23,23
        145 int2ne 10i 16 21,21; 146 int2gt 10i 16 21,21; 147 int4gt 10i 16 23,23; 148 int2le 10i 16 21,21
        149 int4le 10i 16 23,23; 150 int4ge 10i 16 23,23; 151 int2ge 10i 16 21,21; 152 int2mul 10i 21 21,21
        153 int2div 10i 21 21,21; 154 int4div 10i 23 23,23; 155 int2mod 10i 21 21,21; 156 int4mod 10i 23 23,23
        157 textne 10i 16 25,25; 158 int24eq 10i 16 21,23; 159 int42eq 10i 16 23,21; 160 int24lt 10i 16 21,23
        161 int42lt 10i 16 23,21; 162 int24gt 10i 16 21,23; 163 int42gt 10i 16 23,21; 164 int24ne 10i 16 21,23
        165 int42ne 10i 16 23,21; 166 int24le 10i 16 21,23; 167 int42le 10i 16 23,21; 168 int24ge 10i 16 21,23
        169 int42ge 10i 16 23,21; 170 int24mul 10i 23 21,23; 171 int42mul 10i 23 23,21; 172 int24div 10i 23 21,23
        173 int42div 10i 23 23,21; 176 int2pl 10i 21 21,21; 177 int4pl 10i 23 23,23; 178 int24pl 10i 23 21,23
        179 int42pl 10i 23 23,21; 180 int2mi 10i 21 21,21; 181 int4mi 10i 23 23,23; 182 int24mi 10i 23 21,23
        183 int42mi 10i 23 23,21; 184 oideq 10i 16 26,26; 185 oidne 10i 16 26,26; 195 pg_node_tree_in 10i 194 2275
        196 pg_node_tree_out 10i 2275 194; 197 pg_node_tree_recv 10s 194 2281; 198 pg_node_tree_send 10s 17 194
        200 float4in 10i 700 2275; 201 float4out 10i 2275 700; 202 float4mul 10i 700 700,700; 203 float4div 10i 700 700,700
        204 float4pl 10i 700 700,700; 205 float4mi 10i 700 700,700; 206 float4um 10i 700 700; 212 int4um 10i 23 23
        213 int2um 10i 21 21; 214 float8in 10i 701 2275; 215 float8out 10i 2275 701; 216 float8mul 10i 701 701,701
        217 float8div 10i 701 701,701; 218 float8pl 10i 701 701,701; 219 float8mi 10i 701 701,701; 220 float8um 10i 701 701
        232 dpow 10i 701 701,701; 235 float8 10i 701 21; 236 float4 10i 700 21; 237 int2 10i 21 701; 238 int2 10i 21 700
        240 nameeqtext 10i 16 19,25; 241 namelttext 10i 16 19,25; 242 nameletext 10i 16 19,25; 243 namegetext 10i 16 19,25
        244 namegttext 10i 16 19,25; 245 namenetext 10i 16 19,25; 247 texteqname 10i 16 25,19; 248 textltname 10i 16 25,19
        249 textlename 10i 16 25,19; 250 textgename 10i 16 25,19; 251 textgtname 10i 16 25,19; 252 textnename 10i 16 25,19
        267 table_am_handler_in 00i 269 2275; 268 table_am_handler_out 10i 2275 269; 279 float48mul 10i 701 700,701
        280 float48div 10i 701 700,701; 281 float48pl 10i 701 700,701; 282 float48mi 10i 701 700,701
        283 float84mul 10i 701 701,700; 284 float84div 10i 701 701,700; 285 float84pl 10i 701 701,700
        286 float84mi 10i 701 701,700; 287 float4eq 10i 16 700,700; 288 float4ne 10i 16 700,700; 289 float4lt 10i 16 700,700
        290 float4le 10i 16 700,700; 291 float4gt 10i 16 700,700; 292 float4ge 10i 16 700,700; 293 float8eq 10i 16 701,701
        294 float8ne 10i 16 701,701; 295 float8lt 10i 16 701,701; 296 float8le 10i 16 701,701; 297 float8gt 10i 16 701,701
        298 float8ge 10i 16 701,701; 299 float48eq 10i 16 700,701; 300 float48ne 10i 16 700,701
        301 float48lt 10i 16 700,701; 302 float48le 10i 16 700,701; 303 float48gt 10i 16 700,701
        304 float48ge 10i 16 700,701; 305 float84eq 10i 16 701,700; 306 float84ne 10i 16 701,700
        307 float84lt 10i 16 701,700; 308 float84le 10i 16 701,700; 309 float84gt 10i 16 701,700
        310 float84ge 10i 16 701,700; 311 float8 10i 701 700; 312 float4 10i 700 701; 313 int4 10i 23 21; 314 int2 10i 21 23
        316 float8 10i 701 23; 317 int4 10i 23 701; 318 float4 10i 700 23; 319 int4 10i 23 700; 321 json_in 10i 114 2275
        322 json_out 10i 2275 114; 323 json_recv 10i 114 2281; 324 json_send 10i 17 114
        326 index_am_handler_in 00i 325 2275; 327 index_am_handler_out 10i 2275 325; 330 bthandler 10v 325 2281
        331 hashhandler 10v 325 2281; 332 gisthandler 10v 325 2281; 333 ginhandler 10v 325 2281; 334 spghandler 10v 325 2281
        335 brinhandler 10v 325 2281; 336 scalarlesel 10s 701 2281,26,2281,23; 337 scalargesel 10s 701 2281,26,2281,23
        347 poly_in 10i 604 2275; 348 poly_out 10i 2275 604; 384 array_to_string 00s 25 2277,25,25
        386 scalarlejoinsel 10s 701 2281,26,2281,21,2281; 390 array_ne 10i 16 2277,2277; 391 array_lt 10i 16 2277,2277
        392 array_gt 10i 16 2277,2277; 393 array_le 10i 16 2277,2277; 395 array_to_string 10s 25 2277,25
        396 array_ge 10i 16 2277,2277; 398 scalargejoinsel 10s 701 2281,26,2281,21,2281; 401 text 10i 25 1042
        406 text 10i 25 19; 407 name 10i 19 25; 408 bpchar 10i 1042 19; 409 name 10i 19 1042; 436 macaddr_in 10i 829 2275
        437 macaddr_out 10i 2275 829; 460 int8in 10i 20 2275; 461 int8out 10i 2275 20; 462 int8um 10i 20 20
        463 int8pl 10i 20 20,20; 464 int8mi 10i 20 20,20; 465 int8mul 10i 20 20,20; 466 int8div 10i 20 20,20
        467 int8eq 10i 16 20,20; 468 int8ne 10i 16 20,20; 469 int8lt 10i 16 20,20; 470 int8gt 10i 16 20,20
        471 int8le 10i 16 20,20; 472 int8ge 10i 16 20,20; 474 int84eq 10i 16 20,23; 475 int84ne 10i 16 20,23
        476 int84lt 10i 16 20,23; 477 int84gt 10i 16 20,23; 478 int84le 10i 16 20,23; 479 int84ge 10i 16 20,23
        480 int4 10i 23 20; 481 int8 10i 20 23; 482 float8 10i 701 20; 483 int8 10i 20 701; 652 float4 10i 700 20
        653 int8 10i 20 700; 655 namelt 10i 16 19,19; 656 namele 10i 16 19,19; 657 namegt 10i 16 19,19
        658 namege 10i 16 19,19; 659 namene 10i 16 19,19; 668 bpchar 10i 1042 1042,23,16; 669 varchar 10i 1043 1043,23,16
        714 int2 10i 21 20; 716 oidlt 10i 16 26,26; 717 oidle 10i 16 26,26; 740 text_lt 10i 16 25,25
        741 text_le 10i 16 25,25; 742 text_gt 10i 16 25,25; 743 text_ge 10i 16 25,25; 744 array_eq 10i 16 2277,2277
        750 array_in 10s 2277 2275,26,23; 751 array_out 10s 2275 2277; 754 int8 10i 20 21; 837 int82pl 10i 20 20,21
        838 int82mi 10i 20 20,21; 839 int82mul 10i 20 20,21; 840 int82div 10i 20 20,21; 841 int28pl 10i 20 21,20
        850 textlike 10i 16 25,25; 851 textnlike 10i 16 25,25; 852 int48eq 10i 16 23,20; 853 int48ne 10i 16 23,20
        854 int48lt 10i 16 23,20; 855 int48gt 10i 16 23,20; 856 int48le 10i 16 23,20; 857 int48ge 10i 16 23,20
        858 namelike 10i 16 19,25; 859 namenlike 10i 16 19,25; 860 bpchar 10i 1042 18; 861 current_database 10s 19
        886 cash_in 10s 790 2275; 887 cash_out 10s 2275 790; 910 inet_in 10i 869 2275; 911 inet_out 10i 2275 869
        942 int28mi 10i 20 21,20; 943 int28mul 10i 20 21,20; 944 char 10i 18 25; 945 int8mod 10i 20 20,20
        946 text 10i 25 18; 948 int28div 10i 20 21,20; 1031 aclitemin 10s 1033 2275; 1032 aclitemout 10s 2275 1033
        1044 bpcharin 10i 1042 2275,26,23; 1045 bpcharout 10i 2275 1042; 1046 varcharin 10i 1043 2275,26,23
        1047 varcharout 10i 2275 1043; 1048 bpchareq 10i 16 1042,1042; 1049 bpcharlt 10i 16 1042,1042
        1050 bpcharle 10i 16 1042,1042; 1051 bpchargt 10i 16 1042,1042; 1052 bpcharge 10i 16 1042,1042
        1053 bpcharne 10i 16 1042,1042; 1079 regclass 10s 2205 25; 1081 format_type 00s 25 26,23; 1084 date_in 10s 1082 2275
        1085 date_out 10s 2275 1082; 1086 date_eq 10i 16 1082,1082; 1087 date_lt 10i 16 1082,1082
        1088 date_le 10i 16 1082,1082; 1089 date_gt 10i 16 1082,1082; 1090 date_ge 10i 16 1082,1082
        1091 date_ne 10i 16 1082,1082; 1102 time_lt 10i 16 1083,1083; 1103 time_le 10i 16 1083,1083
        1104 time_gt 10i 16 1083,1083; 1105 time_ge 10i 16 1083,1083; 1106 time_ne 10i 16 1083,1083
        1140 date_mi 10i 23 1082,1082; 1141 date_pli 10i 1082 1082,23; 1142 date_mii 10i 1082 1082,23
        1143 time_in 10s 1083 2275,26,23; 1144 time_out 10i 2275 1083; 1145 time_eq 10i 16 1083,1083
        1150 timestamptz_in 10s 1184 2275,26,23; 1151 timestamptz_out 10s 2275 1184; 1152 timestamptz_eq 10i 16 1184,1184
        1153 timestamptz_ne 10i 16 1184,1184; 1154 timestamptz_lt 10i 16 1184,1184; 1155 timestamptz_le 10i 16 1184,1184
        1156 timestamptz_ge 10i 16 1184,1184; 1157 timestamptz_gt 10i 16 1184,1184; 1160 interval_in 10s 1186 2275,26,23
        1161 interval_out 10s 2275 1186; 1162 interval_eq 10i 16 1186,1186; 1163 interval_ne 10i 16 1186,1186
        1164 interval_lt 10i 16 1186,1186; 1165 interval_le 10i 16 1186,1186; 1166 interval_ge 10i 16 1186,1186
        1167 interval_gt 10i 16 1186,1186; 1168 interval_um 10i 1186 1186; 1169 interval_pl 10i 1186 1186,1186
        1170 interval_mi 10i 1186 1186,1186; 1174 timestamptz 10s 1184 1082; 1178 date 10s 1082 1184
        1188 timestamptz_mi 10i 1186 1184,1184; 1189 timestamptz_pl_interval 10s 1184 1184,1186
        1190 timestamptz_mi_interval 10s 1184 1184,1186; 1200 interval 10i 1186 1186,23; 1215 obj_description 10s 25 26,19
        1216 col_description 10s 25 26,23; 1238 texticregexeq 10i 16 25,25; 1239 texticregexne 10i 16 25,25
        1240 nameicregexeq 10i 16 19,25; 1241 nameicregexne 10i 16 19,25; 1242 boolin 10i 16 2275; 1243 boolout 10i 2275 16
        1244 byteain 10i 17 2275; 1245 charin 10i 18 2275; 1246 charlt 10i 16 18,18; 1252 nameregexne 10i 16 19,25
        1254 textregexeq 10i 16 25,25; 1256 textregexne 10i 16 25,25; 1258 textcat 10i 25 25,25; 1267 cidr_in 10i 650 2275
        1272 datetime_pl 10i 1114 1082,1083; 1274 int84pl 10i 20 20,23; 1275 int84mi 10i 20 20,23
        1276 int84mul 10i 20 20,23; 1277 int84div 10i 20 20,23; 1278 int48pl 10i 20 23,20; 1279 int48mi 10i 20 23,20
        1280 int48mul 10i 20 23,20; 1281 int48div 10i 20 23,20; 1282 quote_ident 10i 25 25; 1287 oid 10i 26 20
        1288 int8 10i 20 26; 1296 timedate_pl 10i 1114 1083,1082; 1297 datetimetz_pl 10i 1184 1082,1266
        1298 timetzdate_pl 10i 1184 1266,1082; 1312 timestamp_in 10s 1114 2275,26,23; 1313 timestamp_out 10s 2275 1114
        1316 time 10i 1083 1114; 1319 xideqint4 10i 16 28,23; 1326 interval_div 10i 1186 1186,701
        1348 obj_description 10s 25 26; 1350 timetz_in 10s 1266 2275,26,23; 1351 timetz_out 10i 2275 1266
        1352 timetz_eq 10i 16 1266,1266; 1353 timetz_ne 10i 16 1266,1266; 1354 timetz_lt 10i 16 1266,1266
        1355 timetz_le 10i 16 1266,1266; 1356 timetz_ge 10i 16 1266,1266; 1357 timetz_gt 10i 16 1266,1266
        1370 interval 10i 1186 1083; 1387 pg_get_constraintdef 10s 25 26; 1388 timetz 10s 1266 1184; 1400 name 10i 19 1043
        1401 varchar 10i 1043 19; 1419 time 10i 1083 1186; 1427 cidr_out 10i 2275 650; 1450 circle_in 10i 718 2275
        1451 circle_out 10i 2275 718; 1490 line_in 10i 628 2275; 1491 line_out 10i 2275 628; 1564 bit_in 10i 1560 2275,26,23
        1565 bit_out 10i 2275 1560; 1579 varbit_in 10i 1562 2275,26,23; 1580 varbit_out 10i 2275 1562
        1581 biteq 10i 16 1560,1560; 1582 bitne 10i 16 1560,1560; 1592 bitge 10i 16 1560,1560; 1593 bitgt 10i 16 1560,1560
        1594 bitle 10i 16 1560,1560; 1595 bitlt 10i 16 1560,1560; 1597 pg_encoding_to_char 10s 19 23
        1618 interval_mul 10i 1186 1186,701; 1624 mul_d_interval 10i 1186 701,1186; 1631 bpcharlike 10i 16 1042,25
        1632 bpcharnlike 10i 16 1042,25; 1633 texticlike 10i 16 25,25; 1634 texticnlike 10i 16 25,25
        1635 nameiclike 10i 16 19,25; 1636 nameicnlike 10i 16 19,25; 1638 oidgt 10i 16 26,26; 1639 oidge 10i 16 26,26
        1640 pg_get_viewdef 10s 25 25; 1641 pg_get_viewdef 10s 25 26; 1642 pg_get_userbyid 10s 19 26
        1643 pg_get_indexdef 10s 25 26; 1656 bpcharicregexeq 10i 16 1042,25; 1657 bpcharicregexne 10i 16 1042,25
        1658 bpcharregexeq 10i 16 1042,25; 1659 bpcharregexne 10i 16 1042,25; 1660 bpchariclike 10i 16 1042,25
        1661 bpcharicnlike 10i 16 1042,25; 1665 pg_get_serial_sequence 10s 25 25,25; 1673 bitand 10i 1560 1560,1560
        1674 bitor 10i 1560 1560,1560; 1675 bitxor 10i 1560 1560,1560; 1676 bitnot 10i 1560 1560
        1677 bitshiftleft 10i 1560 1560,23; 1678 bitshiftright 10i 1560 1560,23; 1683 bit 10i 1560 23,23
        1684 int4 10i 23 1560; 1685 bit 10i 1560 1560,23,16; 1686 pg_get_keywords 11s 2249
        1690 time_mi_time 10i 1186 1083,1083; 1691 boolle 10i 16 16,16; 1692 boolge 10i 16 16,16
        1701 numeric_in 10i 1700 2275,26,23; 1702 numeric_out 10i 2275 1700; 1703 numeric 10i 1700 1700,23
        1716 pg_get_expr 10s 25 194,26; 1718 numeric_eq 10i 16 1700,1700; 1719 numeric_ne 10i 16 1700,1700
        1720 numeric_gt 10i 16 1700,1700; 1721 numeric_ge 10i 16 1700,1700; 1722 numeric_lt 10i 16 1700,1700
        1723 numeric_le 10i 16 1700,1700; 1724 numeric_add 10i 1700 1700,1700; 1725 numeric_sub 10i 1700 1700,1700
        1726 numeric_mul 10i 1700 1700,1700; 1727 numeric_div 10i 1700 1700,1700; 1729 numeric_mod 10i 1700 1700,1700
        1739 numeric_power 10i 1700 1700,1700; 1740 numeric 10i 1700 23; 1742 numeric 10i 1700 700
        1743 numeric 10i 1700 701; 1744 int4 10i 23 1700; 1745 float4 10i 700 1700; 1746 float8 10i 701 1700
        1747 time_pl_interval 10i 1083 1083,1186; 1748 time_mi_interval 10i 1083 1083,1186
        1749 timetz_pl_interval 10i 1266 1266,1186; 1750 timetz_mi_interval 10i 1266 1266,1186
        1771 numeric_uminus 10i 1700 1700; 1779 int8 10i 20 1700; 1781 numeric 10i 1700 20; 1782 numeric 10i 1700 21
        1783 int2 10i 21 1700; 1798 oidin 10i 26 2275; 1799 oidout 10i 2275 26; 1814 iclikesel 10s 701 2281,26,2281,23
        1815 icnlikesel 10s 701 2281,26,2281,23; 1816 iclikejoinsel 10s 701 2281,26,2281,21,2281
        1817 icnlikejoinsel 10s 701 2281,26,2281,21,2281; 1818 regexeqsel 10s 701 2281,26,2281,23
        1819 likesel 10s 701 2281,26,2281,23; 1820 icregexeqsel 10s 701 2281,26,2281,23
        1821 regexnesel 10s 701 2281,26,2281,23; 1822 nlikesel 10s 701 2281,26,2281,23
        1823 icregexnesel 10s 701 2281,26,2281,23; 1824 regexeqjoinsel 10s 701 2281,26,2281,21,2281
        1825 likejoinsel 10s 701 2281,26,2281,21,2281; 1826 icregexeqjoinsel 10s 701 2281,26,2281,21,2281
        1827 regexnejoinsel 10s 701 2281,26,2281,21,2281; 1828 nlikejoinsel 10s 701 2281,26,2281,21,2281
        1829 icregexnejoinsel 10s 701 2281,26,2281,21,2281; 1848 interval_pl_time 10i 1083 1186,1083
        1850 int28eq 10i 16 21,20; 1851 int28ne 10i 16 21,20; 1852 int28lt 10i 16 21,20; 1853 int28gt 10i 16 21,20
        1854 int28le 10i 16 21,20; 1855 int28ge 10i 16 21,20; 1856 int82eq 10i 16 20,21; 1857 int82ne 10i 16 20,21
        1858 int82lt 10i 16 20,21; 1859 int82gt 10i 16 20,21; 1860 int82le 10i 16 20,21; 1861 int82ge 10i 16 20,21
        1892 int2and 10i 21 21,21; 1893 int2or 10i 21 21,21; 1894 int2xor 10i 21 21,21; 1895 int2not 10i 21 21
        1896 int2shl 10i 21 21,23; 1897 int2shr 10i 21 21,23; 1898 int4and 10i 23 23,23; 1899 int4or 10i 23 23,23
        1900 int4xor 10i 23 23,23; 1901 int4not 10i 23 23; 1902 int4shl 10i 23 23,23; 1903 int4shr 10i 23 23,23
        1904 int8and 10i 20 20,20; 1905 int8or 10i 20 20,20; 1906 int8xor 10i 20 20,20; 1907 int8not 10i 20 20
        1908 int8shl 10i 20 20,23; 1909 int8shr 10i 20 20,23; 1910 int8up 10i 20 20; 1911 int2up 10i 21 21
        1912 int4up 10i 23 23; 1913 float4up 10i 700 700; 1914 float8up 10i 701 701; 1915 numeric_uplus 10i 1700 1700
        1922 has_table_privilege 10s 16 19,25,25; 1923 has_table_privilege 10s 16 19,26,25
        1924 has_table_privilege 10s 16 26,25,25; 1925 has_table_privilege 10s 16 26,26,25
        1926 has_table_privilege 10s 16 25,25; 1927 has_table_privilege 10s 16 26,25; 1948 byteaeq 10i 16 17,17
        1949 bytealt 10i 16 17,17; 1950 byteale 10i 16 17,17; 1951 byteagt 10i 16 17,17; 1952 byteage 10i 16 17,17
        1953 byteane 10i 16 17,17; 1961 timestamp 10i 1114 1114,23; 1967 timestamptz 10i 1184 1184,23
        1968 time 10i 1083 1083,23; 1969 timetz 10i 1266 1266,23; 1993 shobj_description 10s 25 26,19
        2005 bytealike 10i 16 17,17; 2006 byteanlike 10i 16 17,17; 2011 byteacat 10i 17 17,17; 2019 time 10s 1083 1184
        2024 timestamp 10i 1114 1082; 2026 pg_backend_pid 10s 23; 2027 timestamp 10s 1114 1184
        2028 timestamptz 10s 1184 1114; 2029 date 10i 1082 1114; 2031 timestamp_mi 10i 1186 1114,1114
        2032 timestamp_pl_interval 10i 1114 1114,1186; 2033 timestamp_mi_interval 10i 1114 1114,1186
        2046 time 10i 1083 1266; 2047 timetz 10s 1266 1083; 2052 timestamp_eq 10i 16 1114,1114
        2053 timestamp_ne 10i 16 1114,1114; 2054 timestamp_lt 10i 16 1114,1114; 2055 timestamp_le 10i 16 1114,1114
        2056 timestamp_ge 10i 16 1114,1114; 2057 timestamp_gt 10i 16 1114,1114; 2071 date_pl_interval 10i 1114 1082,1186
        2072 date_mi_interval 10i 1114 1082,1186; 2075 bit 10i 1560 20,23; 2076 int8 10i 20 1560
        2077 current_setting 10s 25 25; 2078 set_config 00v 25 25,25,16; 2079 pg_table_is_visible 10s 16 26
        2080 pg_type_is_visible 10s 16 26; 2081 pg_function_is_visible 10s 16 26; 2091 array_lower 10i 23 2277,23
        2092 array_upper 10i 23 2277,23; 2168 pg_database_size 10v 20 19; 2212 regprocedurein 10s 2202 2275
        2213 regprocedureout 10s 2275 2202; 2214 regoperin 10s 2203 2275; 2215 regoperout 10s 2275 2203
        2216 regoperatorin 10s 2204 2275; 2217 regoperatorout 10s 2275 2204; 2218 regclassin 10s 2205 2275
        2219 regclassout 10s 2275 2205; 2220 regtypein 10s 2206 2275; 2221 regtypeout 10s 2275 2206
        2250 has_database_privilege 10s 16 19,25,25; 2251 has_database_privilege 10s 16 19,26,25
        2252 has_database_privilege 10s 16 26,25,25; 2253 has_database_privilege 10s 16 26,26,25
        2254 has_database_privilege 10s 16 25,25; 2255 has_database_privilege 10s 16 26,25
        2268 has_schema_privilege 10s 16 19,25,25; 2269 has_schema_privilege 10s 16 19,26,25
        2270 has_schema_privilege 10s 16 26,25,25; 2271 has_schema_privilege 10s 16 26,26,25
        2272 has_schema_privilege 10s 16 25,25; 2273 has_schema_privilege 10s 16 26,25
        2286 pg_total_relation_size 10v 20 2205; 2288 pg_size_pretty 10i 25 20; 2290 record_in 10s 2249 2275,26,23
        2291 record_out 10s 2275 2249; 2292 cstring_in 10i 2275 2275; 2293 cstring_out 10i 2275 2275
        2294 any_in 10i 2276 2275; 2295 any_out 10i 2275 2276; 2296 anyarray_in 10i 2277 2275
        2297 anyarray_out 10s 2275 2277; 2298 void_in 10i 2278 2275; 2299 void_out 10i 2275 2278
        2300 trigger_in 00i 2279 2275; 2301 trigger_out 10i 2275 2279; 2302 language_handler_in 00i 2280 2275
        2303 language_handler_out 10i 2275 2280; 2304 internal_in 00i 2281 2275; 2305 internal_out 10i 2275 2281
        2312 anyelement_in 10i 2283 2275; 2313 anyelement_out 10i 2275 2283; 2324 pg_database_size 10v 20 26
        2325 pg_relation_size 10v 20 2205; 2332 pg_relation_size 10v 20 2205,25; 2338 date_lt_timestamp 10i 16 1082,1114
        2339 date_le_timestamp 10i 16 1082,1114; 2340 date_eq_timestamp 10i 16 1082,1114
        2341 date_gt_timestamp 10i 16 1082,1114; 2342 date_ge_timestamp 10i 16 1082,1114
        2343 date_ne_timestamp 10i 16 1082,1114; 2351 date_lt_timestamptz 10s 16 1082,1184
        2352 date_le_timestamptz 10s 16 1082,1184; 2353 date_eq_timestamptz 10s 16 1082,1184
        2354 date_gt_timestamptz 10s 16 1082,1184; 2355 date_ge_timestamptz 10s 16 1082,1184
        2356 date_ne_timestamptz 10s 16 1082,1184; 2364 timestamp_lt_date 10i 16 1114,1082
        2365 timestamp_le_date 10i 16 1114,1082; 2366 timestamp_eq_date 10i 16 1114,1082
        2367 timestamp_gt_date 10i 16 1114,1082; 2368 timestamp_ge_date 10i 16 1114,1082
        2369 timestamp_ne_date 10i 16 1114,1082; 2377 timestamptz_lt_date 10s 16 1184,1082
        2378 timestamptz_le_date 10s 16 1184,1082; 2379 timestamptz_eq_date 10s 16 1184,1082
        2380 timestamptz_gt_date 10s 16 1184,1082; 2381 timestamptz_ge_date 10s 16 1184,1082
        2382 timestamptz_ne_date 10s 16 1184,1082; 2400 array_recv 10s 2277 2281,26,23; 2401 array_send 10s 17 2277
        2402 record_recv 10s 2249 2281,26,23; 2403 record_send 10s 17 2249; 2404 int2recv 10i 21 2281
        2405 int2send 10i 17 21; 2406 int4recv 10i 23 2281; 2407 int4send 10i 17 23; 2408 int8recv 10i 20 2281
        2409 int8send 10i 17 20; 2410 int2vectorrecv 10i 22 2281; 2411 int2vectorsend 10i 17 22; 2412 bytearecv 10i 17 2281
        2413 byteasend 10i 17 17; 2414 textrecv 10s 25 2281; 2415 textsend 10s 17 25; 2416 unknownrecv 10i 705 2281
        2417 unknownsend 10i 17 705; 2418 oidrecv 10i 26 2281; 2419 oidsend 10i 17 26; 2420 oidvectorrecv 10i 30 2281
        2421 oidvectorsend 10i 17 30; 2422 namerecv 10s 19 2281; 2423 namesend 10s 17 19; 2424 float4recv 10i 700 2281
        2425 float4send 10i 17 700; 2426 float8recv 10i 701 2281; 2427 float8send 10i 17 701; 2428 point_recv 10i 600 2281
        2429 point_send 10i 17 600; 2430 bpcharrecv 10s 1042 2281,26,23; 2431 bpcharsend 10s 17 1042
        2432 varcharrecv 10s 1043 2281,26,23; 2433 varcharsend 10s 17 1043; 2434 charrecv 10i 18 2281
        2435 charsend 10i 17 18; 2436 boolrecv 10i 16 2281; 2437 boolsend 10i 17 16; 2438 tidrecv 10i 27 2281
        2439 tidsend 10i 17 27; 2440 xidrecv 10i 28 2281; 2441 xidsend 10i 17 28; 2442 cidrecv 10i 29 2281
        2443 cidsend 10i 17 29; 2444 regprocrecv 10i 24 2281; 2445 regprocsend 10i 17 24
        2446 regprocedurerecv 10i 2202 2281; 2447 regproceduresend 10i 17 2202; 2448 regoperrecv 10i 2203 2281
        2449 regopersend 10i 17 2203; 2450 regoperatorrecv 10i 2204 2281; 2451 regoperatorsend 10i 17 2204
        2452 regclassrecv 10i 2205 2281; 2453 regclasssend 10i 17 2205; 2454 regtyperecv 10i 2206 2281
        2455 regtypesend 10i 17 2206; 2456 bit_recv 10i 1560 2281,26,23; 2457 bit_send 10i 17 1560
        2458 varbit_recv 10i 1562 2281,26,23; 2459 varbit_send 10i 17 1562; 2460 numeric_recv 10i 1700 2281,26,23
        2461 numeric_send 10i 17 1700; 2468 date_recv 10i 1082 2281; 2469 date_send 10i 17 1082
        2470 time_recv 10i 1083 2281,26,23; 2471 time_send 10i 17 1083; 2472 timetz_recv 10i 1266 2281,26,23
        2473 timetz_send 10i 17 1266; 2474 timestamp_recv 10i 1114 2281,26,23; 2475 timestamp_send 10i 17 1114
        2476 timestamptz_recv 10i 1184 2281,26,23; 2477 timestamptz_send 10i 17 1184; 2478 interval_recv 10i 1186 2281,26,23
        2479 interval_send 10i 17 1186; 2480 lseg_recv 10i 601 2281; 2481 lseg_send 10i 17 601; 2482 path_recv 10i 602 2281
        2483 path_send 10i 17 602; 2484 box_recv 10i 603 2281; 2485 box_send 10i 17 603; 2486 poly_recv 10i 604 2281
        2487 poly_send 10i 17 604; 2488 line_recv 10i 628 2281; 2489 line_send 10i 17 628; 2490 circle_recv 10i 718 2281
        2491 circle_send 10i 17 718; 2492 cash_recv 10i 790 2281; 2493 cash_send 10i 17 790; 2494 macaddr_recv 10i 829 2281
        2495 macaddr_send 10i 17 829; 2496 inet_recv 10i 869 2281; 2497 inet_send 10i 17 869; 2498 cidr_recv 10i 650 2281
        2499 cidr_send 10i 17 650; 2500 cstring_recv 10s 2275 2281; 2501 cstring_send 10s 17 2275
        2502 anyarray_recv 10s 2277 2281; 2503 anyarray_send 10s 17 2277; 2505 pg_get_viewdef 10s 25 25,16
        2506 pg_get_viewdef 10s 25 26,16; 2507 pg_get_indexdef 10s 25 26,23,16; 2508 pg_get_constraintdef 10s 25 26,16
        2509 pg_get_expr 10s 25 194,26,16; 2520 timestamp_lt_timestamptz 10s 16 1114,1184
        2521 timestamp_le_timestamptz 10s 16 1114,1184; 2522 timestamp_eq_timestamptz 10s 16 1114,1184
        2523 timestamp_gt_timestamptz 10s 16 1114,1184; 2524 timestamp_ge_timestamptz 10s 16 1114,1184
        2525 timestamp_ne_timestamptz 10s 16 1114,1184; 2527 timestamptz_lt_timestamp 10s 16 1184,1114
        2528 timestamptz_le_timestamp 10s 16 1184,1114; 2529 timestamptz_eq_timestamp 10s 16 1184,1114
        2530 timestamptz_gt_timestamp 10s 16 1184,1114; 2531 timestamptz_ge_timestamp 10s 16 1184,1114
        2532 timestamptz_ne_timestamp 10s 16 1184,1114; 2546 interval_pl_date 10i 1114 1186,1082
        2547 interval_pl_timetz 10i 1266 1186,1266; 2548 interval_pl_timestamp 10i 1114 1186,1114
        2549 interval_pl_timestamptz 10s 1184 1186,1184; 2550 integer_pl_date 10i 1082 23,1082; 2557 bool 10i 16 23
        2558 int4 10i 23 16; 2580 float8 10i 701 3802; 2597 domain_in 00s 2276 2275,26,23
        2598 domain_recv 00s 2276 2281,26,23; 2747 arrayoverlap 10i 16 2277,2277; 2748 arraycontains 10i 16 2277,2277
        2749 arraycontained 10i 16 2277,2277; 2777 anynonarray_in 10i 2776 2275; 2778 anynonarray_out 10i 2275 2776
        2893 xml_in 10s 142 2275; 2894 xml_out 10i 2275 142; 2898 xml_recv 10s 142 2281; 2899 xml_send 10s 17 142
        2902 varbittypmodin 10i 23 1263; 2903 intervaltypmodin 10i 23 1263; 2904 intervaltypmodout 10i 2275 23
        2905 timestamptypmodin 10i 23 1263; 2906 timestamptypmodout 10i 2275 23; 2907 timestamptztypmodin 10i 23 1263
        2908 timestamptztypmodout 10i 2275 23; 2909 timetypmodin 10i 23 1263; 2910 timetypmodout 10i 2275 23
        2911 timetztypmodin 10i 23 1263; 2912 timetztypmodout 10i 2275 23; 2913 bpchartypmodin 10i 23 1263
        2914 bpchartypmodout 10i 2275 23; 2915 varchartypmodin 10i 23 1263; 2916 varchartypmodout 10i 2275 23
        2917 numerictypmodin 10i 23 1263; 2918 numerictypmodout 10i 2275 23; 2919 bittypmodin 10i 23 1263
        2920 bittypmodout 10i 2275 23; 2921 varbittypmodout 10i 2275 23; 2939 txid_snapshot_in 10i 2970 2275
        2940 txid_snapshot_out 10i 2275 2970; 2941 txid_snapshot_recv 10i 2970 2281; 2942 txid_snapshot_send 10i 17 2970
        2943 txid_current 10s 20; 2952 uuid_in 10i 2950 2275; 2953 uuid_out 10i 2275 2950; 2954 uuid_lt 10i 16 2950,2950
        2955 uuid_le 10i 16 2950,2950; 2956 uuid_eq 10i 16 2950,2950; 2957 uuid_ge 10i 16 2950,2950
        2958 uuid_gt 10i 16 2950,2950; 2959 uuid_ne 10i 16 2950,2950; 2961 uuid_recv 10i 2950 2281
        2962 uuid_send 10i 17 2950; 2971 text 10i 25 16; 2997 pg_table_size 10v 20 2205; 2998 pg_indexes_size 10v 20 2205
        3116 fdw_handler_in 00i 3115 2275; 3117 fdw_handler_out 10i 2275 3115; 3120 void_recv 10i 2278 2281
        3121 void_send 10i 17 2278; 3159 pg_get_viewdef 10s 25 26,23; 3166 pg_size_pretty 10i 25 1700
        3214 jsonb_object_field_text 10i 25 3802,25; 3215 jsonb_array_element 10i 3802 3802,23
        3216 jsonb_array_element_text 10i 25 3802,23; 3229 pg_lsn_in 10i 3220 2275; 3230 pg_lsn_out 10i 2275 3220
        3238 pg_lsn_recv 10i 3220 2281; 3239 pg_lsn_send 10i 17 3220; 3294 current_setting 10s 25 25,16
        3301 jsonb_concat 10i 3802 3802,3802; 3302 jsonb_delete 10i 3802 3802,25; 3303 jsonb_delete 10i 3802 3802,23
        3308 xidneq 10i 16 28,28; 3309 xidneqint4 10i 16 28,23; 3311 tsm_handler_in 00i 3310 2275
        3312 tsm_handler_out 10i 2275 3310; 3355 pg_ndistinct_in 10i 3361 2275; 3356 pg_ndistinct_out 10i 2275 3361
        3357 pg_ndistinct_recv 10s 3361 2281; 3358 pg_ndistinct_send 10s 17 3361; 3404 pg_dependencies_in 10i 3402 2275
        3405 pg_dependencies_out 10i 2275 3402; 3406 pg_dependencies_recv 10s 3402 2281
        3407 pg_dependencies_send 10s 17 3402; 3446 macaddr8_recv 10i 774 2281; 3447 macaddr8_send 10i 17 774
        3449 numeric 10i 1700 3802; 3450 int2 10i 21 3802; 3451 int4 10i 23 3802; 3452 int8 10i 20 3802
        3453 float4 10i 700 3802; 3478 jsonb_object_field 10i 3802 3802,25; 3493 to_regtype 10s 2206 25
        3495 to_regclass 10s 2205 25; 3504 anyenum_in 10i 3500 2275; 3505 anyenum_out 10s 2275 3500; 3556 bool 10i 16 3802
        3594 event_trigger_in 00i 3838 2275; 3595 event_trigger_out 10i 2275 3838; 3610 tsvectorin 10i 3614 2275
        3611 tsvectorout 10i 2275 3614; 3612 tsqueryin 10i 3615 2275; 3613 tsqueryout 10i 2275 3615
        3638 tsvectorsend 10i 17 3614; 3639 tsvectorrecv 10i 3614 2281; 3640 tsquerysend 10i 17 3615
        3641 tsqueryrecv 10i 3615 2281; 3646 gtsvectorin 10i 3642 2275; 3647 gtsvectorout 10i 2275 3642
        3688 ts_typanalyze 10s 16 2281; 3736 regconfigin 10s 3734 2275; 3737 regconfigout 10s 2275 3734
        3738 regconfigrecv 10i 3734 2281; 3739 regconfigsend 10i 17 3734; 3771 regdictionaryin 10s 3769 2275
        3772 regdictionaryout 10s 2275 3769; 3773 regdictionaryrecv 10i 3769 2281; 3774 regdictionarysend 10i 17 3769
        3803 jsonb_send 10i 17 3802; 3804 jsonb_out 10i 2275 3802; 3805 jsonb_recv 10i 3802 2281
        3806 jsonb_in 10i 3802 2275; 3810 pg_is_in_recovery 10v 16; 3816 array_typanalyze 10s 16 2281
        3817 arraycontsel 10s 701 2281,26,2281,23; 3818 arraycontjoinsel 10s 701 2281,26,2281,21,2281
        3832 anyrange_in 10s 3831 2275,26,23; 3833 anyrange_out 10s 2275 3831; 3834 range_in 10s 3831 2275,26,23
        3835 range_out 10s 2275 3831; 3836 range_recv 10s 3831 2281,26,23; 3837 range_send 10s 17 3831
        3914 int4range_canonical 10i 3904 3904; 3915 daterange_canonical 10i 3912 3912; 3916 range_typanalyze 10s 16 2281
        3922 int4range_subdiff 10i 701 23,23; 3923 int8range_subdiff 10i 701 20,20; 3924 numrange_subdiff 10i 701 1700,1700
        3925 daterange_subdiff 10i 701 1082,1082; 3928 int8range_canonical 10i 3926 3926
        3929 tsrange_subdiff 10i 701 1114,1114; 3930 tstzrange_subdiff 10i 701 1184,1184
        3947 json_object_field 10i 114 114,25; 3948 json_object_field_text 10i 25 114,25
        3949 json_array_element 10i 114 114,23; 3950 json_array_element_text 10i 25 114,23; 4001 jsonpath_in 10i 4072 2275
        4002 jsonpath_recv 10i 4072 2281; 4003 jsonpath_out 10i 2275 4072; 4004 jsonpath_send 10i 17 4072
        4038 jsonb_ne 10i 16 3802,3802; 4039 jsonb_lt 10i 16 3802,3802; 4040 jsonb_gt 10i 16 3802,3802
        4041 jsonb_le 10i 16 3802,3802; 4042 jsonb_ge 10i 16 3802,3802; 4043 jsonb_eq 10i 16 3802,3802
        4046 jsonb_contains 10i 16 3802,3802; 4050 jsonb_contained 10i 16 3802,3802; 4084 regnamespacein 10s 4089 2275
        4085 regnamespaceout 10s 2275 4089; 4087 regnamespacerecv 10i 4089 2281; 4088 regnamespacesend 10i 17 4089
        4092 regroleout 10s 2275 4096; 4094 regrolerecv 10i 4096 2281; 4095 regrolesend 10i 17 4096
        4098 regrolein 10s 4096 2275; 4110 macaddr8_in 10i 774 2275; 4111 macaddr8_out 10i 2275 774
        4193 regcollationin 10s 4191 2275; 4194 regcollationout 10s 2275 4191; 4196 regcollationrecv 10i 4191 2281
        4197 regcollationsend 10i 17 4191; 4226 anycompatiblemultirange_in 10s 4538 2275,26,23
        4227 anycompatiblemultirange_out 10s 2275 4538; 4229 anymultirange_in 10s 4537 2275,26,23
        4230 anymultirange_out 10s 2275 4537; 4231 multirange_in 10s 4537 2275,26,23; 4232 multirange_out 10s 2275 4537
        4233 multirange_recv 10s 4537 2281,26,23; 4234 multirange_send 10s 17 4537; 4242 multirange_typanalyze 10s 16 2281
        4596 brin_bloom_summary_in 10i 4600 2275; 4597 brin_bloom_summary_out 10i 2275 4600
        4598 brin_bloom_summary_recv 10s 4600 2281; 4599 brin_bloom_summary_send 10s 17 4600
        4638 brin_minmax_multi_summary_in 10i 4601 2275; 4639 brin_minmax_multi_summary_out 10i 2275 4601
        4640 brin_minmax_multi_summary_recv 10s 4601 2281; 4641 brin_minmax_multi_summary_send 10s 17 4601
        5018 pg_mcv_list_in 10i 5017 2275; 5019 pg_mcv_list_out 10i 2275 5017; 5020 pg_mcv_list_recv 10s 5017 2281
        5021 pg_mcv_list_send 10s 17 5017; 5040 matchingsel 10s 701 2281,26,2281,23
        5041 matchingjoinsel 10s 701 2281,26,2281,21,2281; 5055 pg_snapshot_in 10i 5038 2275
        5056 pg_snapshot_out 10i 2275 5038; 5057 pg_snapshot_recv 10i 5038 2281; 5058 pg_snapshot_send 10i 17 5038
        5070 xid8in 10i 5069 2275; 5081 xid8out 10i 2275 5069; 5082 xid8recv 10i 5069 2281; 5083 xid8send 10i 17 5069
        5086 anycompatible_in 10i 5077 2275; 5087 anycompatible_out 10i 2275 5077; 5088 anycompatiblearray_in 10i 5078 2275
        5089 anycompatiblearray_out 10s 2275 5078; 5090 anycompatiblearray_recv 10s 5078 2281
        5091 anycompatiblearray_send 10s 17 5078; 5092 anycompatiblenonarray_in 10i 5079 2275
        5093 anycompatiblenonarray_out 10i 2275 5079; 5094 anycompatiblerange_in 10s 5080 2275,26,23
        5095 anycompatiblerange_out 10s 2275 5080; 6098 jsonb_subscript_handler 10i 2281 2281
        6179 array_subscript_handler 10i 2281 2281; 6180 raw_array_subscript_handler 10i 2281 2281
        """#
}
