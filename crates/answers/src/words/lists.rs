//! Word lists: function words, colloquial spellings, a few synonyms. Small and general on purpose: what is special
//! to one trade belongs into the organisation's own question–answer pairs.
//!
//! Every list holds folded words (lower case, no diacritics, apostrophes dropped).

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use crate::Language;

/// Function words and chat fillers that say nothing about the subject of an Indonesian question.
const STOP_INDONESIAN: &str = "
    ada adakah adalah adanya agar agak akan aku anda antara antar apa apaan apabila apakah apalah apanya atas atau
    bagaimana bagaimanakah bagi bahwa bang bapak baru beberapa begini begitu belum benar berapa berapakah berikut
    biar biasa biasanya bila bisa bisakah boleh bolehkah bro bu buat bukan bukankah cara caranya coba cuma
    dalam dan dapat dapatkah dari daripada demi dengan deh di dia dimana dimanakah diri doang dong dulu
    enggak gan gini gitu hai halo hanya harap haruskah harus hendak hingga ia ialah ibu ini ingin itu itukah iya
    jadi jangan jika juga justru kah kak kakak kalau kalian kami kamu kan kapan kapankah kasih kayak ke kenapa
    kepada kita klo kok la lagi lah lain lalu lebih loh lo maka maksud maksudnya malah mana manakah mas masih mau
    maaf melainkan mengapa mengenai menjadi mereka merupakan meski mbak min misal misalnya mohon mungkin mungkinkah
    nah namun nanti ni nih nya oleh pada padahal pak pakai para pas per perlu perlukah permisi pernah pula pun pasti
    rupanya saat saja saja sambil sampai sana sangat satu saya sebagai sebagaimana sebelum sebenarnya sebuah sebut
    sedang sedangkan segala sehingga sejak selain selalu seluruh semua seorang seperti sering serta sesuatu setelah
    setiap si siang sore pagi malam siapa siapakah sih silakan situ suatu sudah sudahkah supaya tadi tahu tak tanpa
    tanya bertanya tapi telah tentang tentu terhadap tersebut terus tetapi tiap tidak tidakkah toh tolong tuh untuk
    usah wah walaupun ya yaitu yakni yang yuk pengen pingin mesti hal info informasi terima bantu bantuan dll
    punya harusnya seharusnya sebaiknya gue gua lu elo nggak ngapain gara begitulah apapun dimaksud artinya
    ok oke okay kira barusan soalnya seberapa sama jelaskan ceritakan sebutkan berikan beritahu kasihtahu memang emang semacam
";

/// Function words that say nothing about the subject of an English question.
const STOP_ENGLISH: &str = "
    a about actually after again all also am an and any anybody anyone anything are arent around as at be because
    been before being between both but by can cannot cant could couldnt did didnt do does doesnt doing dont each
    either else etc ever every exactly few for from get gets getting give go going gonna got had has have havent
    having he hello help her here hers hey hi him his how hows i id if ill im in into is isnt it its itself ive just
    kind kindly know let lets like ll lot lots maybe me mean means might mine more most much must my myself need
    needs no nor not of off ok okay on one only or other others our ours out over own perhaps please pls possible
    really re s same say shall she should so some somebody someone something sorry still such sure t tell than thank
    thanks that thats the their theirs them themselves then there theres these they thing things this those though
    through to too us ve very via wanna want wants was wasnt way we well were werent what whatever whats when
    whenever where wheres whether which while who whom whos whose why will wish with within without wont would
    wouldnt wondering yes yet you your youre yours yourself explain describe supposed able happen happens u ur r
    guys sir madam folks anyway basically question ask asking quick quickly does info information
";

/// Indonesian function words that English does not have: they tell the languages apart.
const MARKERS_INDONESIAN: &str = "
    ada aja aku anda apa apakah atau bagaimana bayar belum berapa beli besok bisa boleh brp buat buka bukan cara dan
    dapat dari dengan di dimana dmn dong dgn dll enggak ga gak gan gimana gmn halo harga hari harus hrg ini itu jadi
    jam jangan jika jual juga kak kalau kalo kami kamu kapan karena kasih ke kenapa kirim klo kok krn lagi lah lebih
    loh lokasi makasih mana masih mau mbak mengapa mohon mungkin nggak ngga nih nya oleh pada pak paket perlu pesan
    promo punya saja sama sampai saya sebagai selamat semua sih siapa sudah sdh tanya tapi tdk tempat terima tidak
    tolong tutup udah untuk utk ya yang yg yuk pengen ingin telah akan adalah antara agar setelah sebelum sebuah
    pakai pake gmna knp kpn sm jg blm bs lg td trs min gimna ngirim dimn bangun fungsi beda bedanya maksudnya
";

/// English function words that Indonesian does not have.
const MARKERS_ENGLISH: &str = "
    a about am an and any are as at be because been between but by can could did do does doesnt dont for from get
    have has hello help hi how i if im in is isnt it its ive like long many me much my need not of on open or our
    please price should so some tell thank thanks that the their them there they this to up us want was we what
    whats when where which who whos why will with without would you your hours cost costs delivery pay buy
";

/// Colloquial and shortened Indonesian beside its plain form, which may be several words.
const PLAIN_INDONESIAN: &str = "
    ad:ada adl:adalah aj:aja aja:saja ak:aku almt:alamat ap:apa apk:aplikasi app:aplikasi ato:atau aplg:apalagi
    bgmn:bagaimana bgm:bagaimana bgt:banget bhs:bahasa bkn:bukan bknnya:bukannya blg:bilang blh:boleh blm:belum
    blum:belum bln:bulan bli:beli bner:benar bener:benar brapa:berapa brp:berapa brpa:berapa bs:bisa bsa:bisa
    bsk:besok btl:betul byk:banyak byr:bayar bikin:buat bikinnya:membuat bkin:buat cek:periksa ngecek:periksa
    cmn:cuma cm:cuma cpt:cepat cuman:cuma dapet:dapat ngasih:kasih ngasi:kasih dikasih:kasih dikasi:kasih ama:sama bbrp:beberapa tiap2:tiap trnyata:ternyata memory:memori dateng:datang dg:dengan dgn:dengan dlm:dalam dlu:dulu
    dmn:dimana dmana:dimana dimn:dimana dpt:dapat dri:dari drmn:dari+mana dtg:datang duluan:dahulu
    donlot:unduh download:unduh+download donload:unduh ngedonlot:unduh didownload:unduh mendownload:unduh
    enggak:tidak engga:tidak ga:tidak gak:tidak gk:tidak ngga:tidak nggak:tidak gpp:tidak+apa gapapa:tidak+apa
    gbs:tidak+bisa gabisa:tidak+bisa gada:tidak+ada gaada:tidak+ada gatau:tidak+tahu gmn:bagaimana gmna:bagaimana
    gimana:bagaimana gimna:bagaimana gmana:bagaimana gini:begini gitu:begitu gtu:begitu
    gede:besar gratisan:gratis hp:ponsel+hp hr:hari hri:hari hrg:harga hrga:harga hrs:harus hrsnya:harusnya
    ilang:hilang itung:hitung jd:jadi jdi:jadi jdwl:jadwal jgn:jangan jg:juga jln:jalan jl:jalan jmlh:jumlah
    jml:jumlah jwb:jawab kalo:kalau klo:kalau klw:kalau kayak:seperti kyk:seperti kek:seperti
    kcl:kecil kmrn:kemarin knp:kenapa knapa:kenapa kpn:kapan kpd:kepada krn:karena karna:karena krm:kirim krim:kirim
    lbh:lebih kt:kata ktr:kantor kasi:kasih lwt:lewat lg:lagi lgi:lagi liat:lihat ngeliat:lihat lht:lihat lokasinya:lokasi
    lgsg:langsung lgsung:langsung lsg:langsung mksd:maksud mksh:terima+kasih makasih:terima+kasih mksih:terima+kasih
    mls:malas mlm:malam mrk:mereka mslh:masalah msh:masih msk:masuk mo:mau mw:mau mnt:minta mulu:melulu
    ngapus:hapus ngehapus:hapus nginstal:instal nginstall:instal ngeinstal:instal ngebuka:buka ngatur:atur ngunci:kunci
    nambah:tambah nambahin:tambah nanya:tanya nawar:tawar nampilin:tampil nyari:cari nyariin:cari nyalain:nyala
    nyimpen:simpan nyimpan:simpan nyambung:sambung nyambungin:sambung nyetel:setel nyoba:coba ngga:tidak nunggu:tunggu
    nutup:tutup nulis:tulis ngirim:kirim ngisi:isi ngambil:ambil ngubah:ubah ngeganti:ganti make:pakai
    pake:pakai makenya:pakai pakenya:pakai masang:pasang masangnya:pasang milih:pilih mesen:pesan mesan:pesan
    motong:potong mindahin:pindah mindah:pindah matiin:mati ngulang:ulang bagusan:bagus benerin:perbaiki
    ngebenerin:perbaiki ngupdate:perbarui update:perbarui+update diupdate:perbarui upgrade:tingkat+upgrade
    ngebackup:cadang+backup backup:cadang+backup setting:atur+setting settingan:atur+setting nyeting:atur
    seting:atur+setting file:berkas+file folder:direktori+folder password:sandi+password passwd:sandi+passwd
    email:surel+email imel:surel+email printer:cetak+printer ngeprint:cetak nyetak:cetak keyboard:papan+ketik+keyboard
    user:pengguna+user install:instal instalasi:instal instalasinya:instal install:instal installnya:instal
    instalnya:instal diinstal:instal diinstall:instal menginstal:instal menginstall:instal penginstalan:instal
    software:perangkat+lunak+software hardware:perangkat+keras+hardware browser:peramban+browser
    screen:layar+screen error:galat+error eror:galat+error command:perintah+command hapusin:hapus
    delete:hapus+delete remove:hapus+remove hapusnya:hapus nih:ini nmr:nomor nmer:nomor no:nomor nomer:nomor
    ongkir:ongkos+kirim+ongkir ortu:orang+tua org:orang org2:orang pgn:ingin pengen:ingin pengin:ingin pingin:ingin
    pd:pada pesen:pesan pk:pak pcs:buah plg:paling pny:punya pnya:punya prnh:pernah promonya:promo psn:pesan rmh:rumah
    rp:rupiah sbg:sebagai sblm:sebelum sblum:sebelum sdg:sedang sdh:sudah sdah:sudah sy:saya sya:saya skrg:sekarang
    skrng:sekarang skr:sekarang skg:sekarang slalu:selalu slh:salah sm:sama sma:sama smp:sampai smpe:sampai
    sampe:sampai spt:seperti sprti:seperti srh:suruh stlh:setelah abis:setelah sdkt:sedikit tau:tahu
    taunya:tahu tgl:tanggal tdk:tidak td:tadi tlp:telepon telp:telepon tlpn:telepon telpon:telepon telfon:telepon
    tlg:tolong tlong:tolong tmn:teman tmpt:tempat tpt:tempat tp:tapi tpi:tapi trus:terus trs:terus trmksh:terima+kasih
    tks:terima+kasih ttg:tentang ttp:tetap tf:transfer trf:transfer udah:sudah udh:sudah dah:sudah ud:sudah uda:sudah
    utk:untuk untk:untuk wkt:waktu yg:yang yng:yang yah:ya jkt:jakarta bdg:bandung sby:surabaya
    jogja:yogyakarta rek:rekening norek:nomor+rekening byrnya:bayar kmn:kemana spy:supaya sih:sih
    bedanya:beda ngaruh:pengaruh ngerti:paham jelasin:jelaskan kepake:pakai dipake:pakai kehapus:hapus kelar:selesai
    balikin:kembali balik:kembali nyopot:copot nyalin:salin copy:salin+copy masukin:masuk
    dimasukin:masuk keluarin:keluar ngetik:ketik ngejalanin:jalan jalanin:jalan ngerun:jalan
    dijalanin:jalan nentuin:tentu nemuin:temu ketemu:temu nemu:temu ngehubungin:hubung hubungin:hubung
       motret:foto inet:internet
      ngelaporin:lapor laporin:lapor nglaporin:lapor
";

/// Shortened English beside its plain form.
const PLAIN_ENGLISH: &str = "
    shud:should wich:which wat:what frm:from plz:please gotta:have em:them lemme:let dunno:know n:and y:why cud:could
    wud:would diff:difference abt:about acct:account addr:address appt:appointment asap:soon b4:before bc:because coz:because cuz:because
    config:configuration+config configs:configuration+config dir:directory dirs:directory dist:distribution
    distro:distribution distros:distribution doc:documentation docs:documentation gimme:give hrs:hours
    info:information lang:language lib:library libs:library mins:minutes msg:message msgs:message num:number ppl:people
    pics:picture pic:picture pkg:package pkgs:package prog:program progs:program pw:password pwd:password
    repo:repository+repo repos:repository+repo sw:software tel:telephone temp:temporary thx:thanks thru:through tmrw:tomorrow
    w:with wanna:want whats:what wheres:where hows:how whos:who wo:without yr:year yrs:years app:application
    apps:application admin:administrator maint:maintainer os:operating+system dev:developer devs:developer
    licence:license licences:license licensed:license colour:color favourite:favorite centre:center grey:gray
    organisation:organization customise:customize customised:customize cancelled:canceled catalogue:catalog
";

/// Words that may stand for one another in a question. Each line is one group; used to find, at less weight than the
/// customer's own word.
const SYNONYMS_INDONESIAN: &str = "
    harga biaya tarif ongkos
    alamat lokasi letak
    telepon kontak nomor
    buka operasional
    cicil angsur kredit
    batal cancel
    kembali retur refund
    garansi jaminan
    gratis cuma bebas
    antar kirim
    beli pesan order
    hapus buang copot singkir
    unduh ambil download
    pasang instal
    ubah ganti modifikasi
    cadang backup
    berkas file dokumen
    direktori folder
    sandi password
    layar tampil monitor
    perintah command
    atur konfigurasi setel
    perbarui mutakhir update
    lihat tampil periksa cek
    galat error salah masalah
    mulai awal boot
    mati henti stop
    daftar registrasi
    cepat lekas kilat
    beda banding
    guna manfaat fungsi pakai
    perbaiki betul pulih
    peramban browser
    laptop komputer
    surel email
    pindah mutasi transfer
    tunggu tunda
";

/// The same for English.
const SYNONYMS_ENGLISH: &str = "
    price cost fee charge
    address location
    phone telephone number call
    open hours
    buy purchase order
    refund return
    cancel abort
    delete remove uninstall erase
    install setup
    upgrade update
    error problem fault bug failure
    free gratis
    doctor physician
    shipping delivery ship deliver
    repair fix
    folder directory
    program application software
    computer machine hardware
    begin start
    big large
    change modify customize
    create make build
    find locate search
    manual guide documentation
    old obsolete older
    newest latest current
    picture image
    send submit
    difference differ distinguish
    show display
    purpose use
    prevent avoid stop
    list listing
    shop store
    person people
    help support
    origin name
";

/// The stop words of a language.
pub fn is_stop(word: &str, language: Language) -> bool {
    static INDONESIAN: LazyLock<HashSet<&str>> = LazyLock::new(|| set(STOP_INDONESIAN));
    static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| set(STOP_ENGLISH));
    match language {
        Language::Indonesian => INDONESIAN.contains(word),
        Language::English => ENGLISH.contains(word),
    }
}

/// Whether the word is Indonesian and not English.
pub fn is_indonesian_marker(word: &str) -> bool {
    static MARKERS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(MARKERS_INDONESIAN));
    MARKERS.contains(word)
}

/// Whether the word is English and not Indonesian.
pub fn is_english_marker(word: &str) -> bool {
    static MARKERS: LazyLock<HashSet<&str>> = LazyLock::new(|| set(MARKERS_ENGLISH));
    MARKERS.contains(word)
}

/// The plain form of a colloquial or shortened word: one word, or several separated by spaces.
pub fn plain(word: &str, language: Language) -> Option<&'static str> {
    static INDONESIAN: LazyLock<HashMap<&str, String>> = LazyLock::new(|| pairs(PLAIN_INDONESIAN));
    static ENGLISH: LazyLock<HashMap<&str, String>> = LazyLock::new(|| pairs(PLAIN_ENGLISH));
    match language {
        Language::Indonesian => INDONESIAN.get(word).map(String::as_str),
        Language::English => ENGLISH.get(word).map(String::as_str),
    }
}

/// Stems of the words that may stand for the word with this stem.
pub fn synonyms(stem: &str, language: Language) -> &'static [String] {
    static INDONESIAN: LazyLock<HashMap<String, Vec<String>>> =
        LazyLock::new(|| groups(SYNONYMS_INDONESIAN, Language::Indonesian));
    static ENGLISH: LazyLock<HashMap<String, Vec<String>>> =
        LazyLock::new(|| groups(SYNONYMS_ENGLISH, Language::English));
    let groups = match language {
        Language::Indonesian => &*INDONESIAN,
        Language::English => &*ENGLISH,
    };
    groups.get(stem).map_or(&[], Vec::as_slice)
}

fn set(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
}

fn pairs(list: &'static str) -> HashMap<&'static str, String> {
    list.split_whitespace()
        .filter_map(|pair| pair.split_once(':'))
        .filter(|(short, plain)| short != plain)
        .map(|(short, plain)| (short, plain.replace('+', " ")))
        .collect()
}

fn groups(list: &'static str, language: Language) -> HashMap<String, Vec<String>> {
    let mut groups: HashMap<String, Vec<String>> = HashMap::new();
    for line in list.lines() {
        let stems: Vec<String> = line.split_whitespace().map(|word| super::stem(word, language)).collect();
        for stem in &stems {
            let others = groups.entry(stem.clone()).or_default();
            others.extend(stems.iter().filter(|other| *other != stem).cloned());
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_folded_words() {
        for list in [
            STOP_INDONESIAN,
            STOP_ENGLISH,
            MARKERS_INDONESIAN,
            MARKERS_ENGLISH,
            SYNONYMS_INDONESIAN,
            SYNONYMS_ENGLISH,
        ] {
            for word in list.split_whitespace() {
                assert_eq!(super::super::split(word), [word]);
            }
        }
    }

    #[test]
    fn no_marker_belongs_to_both_languages() {
        let shared: Vec<_> = set(MARKERS_INDONESIAN).intersection(&set(MARKERS_ENGLISH)).copied().collect();
        assert!(shared.is_empty(), "{shared:?}");
    }

    #[test]
    fn every_colloquial_form_has_a_plain_one() {
        for list in [PLAIN_INDONESIAN, PLAIN_ENGLISH] {
            for pair in list.split_whitespace() {
                let (short, plain) = pair.split_once(':').unwrap_or_else(|| panic!("{pair} is no pair"));
                assert!(!short.is_empty() && !plain.is_empty(), "{pair}");
            }
        }
        assert_eq!(plain("ongkir", Language::Indonesian), Some("ongkos kirim ongkir"));
    }
}
