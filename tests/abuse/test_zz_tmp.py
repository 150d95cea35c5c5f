import pytest
from tests.support.making import *
from tests.support import making
from tests.support.people import Person
def test_all(both):
    w=both
    for s in ("draft","routed","disapproved","approved","released","cancelled"):
        a_basket(w,s); 
    for s in ("draft","routed","disapproved","approved","released","cancelled"):
        a_request(w,s)
    for s in ("draft","routed","disapproved","approved","released","cancelled","closed","terminated"):
        an_order(w,s,TONER,vendor="B",agreement="B")
    for s in ("draft","routed","disapproved","approved","released","cancelled","closed","terminated"): an_agreement(w,s)
    o=a_released_order(w)
    for s in ("draft","cancelled"): a_receipt(w,o,{1:"2"},s)
    r=a_receipt(w,o,{1:"2"}); move(w,r,("reverse","receiver"),comment="x")
    a_receipt(w,o,{1:"12"})
    for n,s in enumerate(("draft","routed","disapproved","approved","released","closed","cancelled")): an_invoice(w,o,{1:("1","44.99")},s,number=f"Q{n}")
    a_basket(w,"released",BENCH,place=PARKS); a_request(w,"released",BENCH,place=PARKS)
    hold_vendor(w); debar_vendor(w); hold_invoice(w, an_invoice(w,o,{1:("1","44.99")}, number="zz"))
    a_deputy(w,"approver","buyer"); only_signer(w,"invoice","chief","approver")
def test_notes(world, sign_in):
    o=a_released_order(world)
    p=sign_in("buyer")
    r=p.post(f"/delivery-order/note/{o}",text="hello"); print("NOTE",r.status_code, "hello" in r.text)
    from io import BytesIO
    r=p.post(f"/delivery-order/attach/{o}",file=(BytesIO(b"abc"),"a.txt")); print("ATTACH",r.status_code, "a.txt" in r.text)
