"""The standard objects that the sets build on, as far as they use them, in our language."""

from __future__ import annotations

from typing import Any

Fields = dict[str, dict[str, Any]]

ADDRESS = {"type": "address"}

STANDARD: dict[str, Fields] = {
    "Account": {
        "Name": {"type": "text", "required": True},
        "Phone": {"type": "phone"},
        "Fax": {"type": "phone"},
        "Rating": {"type": "text"},
        "Website": {"type": "url"},
        "Type": {"type": "text"},
        "Industry": {"type": "text"},
        "ParentId": {"type": "link", "to": "account", "inverse": "child_accounts"},
        "AnnualRevenue": {"type": "money"},
        "NumberOfEmployees": {"type": "integer"},
        "Description": {"type": "long_text"},
        "Sic": {"type": "text"},
        "AccountNumber": {"type": "text"},
        "BillingAddress": ADDRESS,
        "ShippingAddress": ADDRESS,
    },
    "Contact": {
        "FirstName": {"type": "text"},
        "LastName": {"type": "text", "required": True},
        "AccountId": {"type": "link", "to": "account", "inverse": "contacts"},
        "Title": {"type": "text"},
        "Email": {"type": "email"},
        "Phone": {"type": "phone"},
        "MobilePhone": {"type": "phone"},
        "Birthdate": {"type": "date"},
        "LeadSource": {"type": "text"},
        "MailingAddress": ADDRESS,
        "ReportsToId": {"type": "link", "to": "contact", "inverse": "reports"},
        "Description": {"type": "long_text"},
    },
    "Lead": {
        "FirstName": {"type": "text"},
        "LastName": {"type": "text", "required": True},
        "Company": {"type": "text"},
        "Email": {"type": "email"},
        "Phone": {"type": "phone"},
        "Status": {"type": "text"},
        "LeadSource": {"type": "text"},
        "State": {"type": "text"},
        "City": {"type": "text"},
        "Description": {"type": "long_text"},
    },
    "Case": {
        "CaseNumber": {"type": "autonumber", "pattern": "{00000000}"},
        "Subject": {"type": "text"},
        "Description": {"type": "long_text"},
        "Status": {"type": "text"},
        "Priority": {"type": "text"},
        "Origin": {"type": "text"},
        "Reason": {"type": "text"},
        "Type": {"type": "text"},
        "ContactId": {"type": "link", "to": "contact", "inverse": "cases"},
        "AccountId": {"type": "link", "to": "account", "inverse": "cases"},
        "ParentId": {"type": "link", "to": "case", "inverse": "child_cases"},
        "ClosedDate": {"type": "datetime"},
        "Comments": {"type": "long_text"},
        "SuppliedName": {"type": "text"},
        "SuppliedEmail": {"type": "email"},
        "SuppliedPhone": {"type": "phone"},
        "SuppliedCompany": {"type": "text"},
        "ContactEmail": {"type": "email", "formula": "contact_id.email"},
        "ContactPhone": {"type": "phone", "formula": "contact_id.phone"},
    },
    "Opportunity": {
        "Name": {"type": "text", "required": True},
        "AccountId": {"type": "link", "to": "account", "inverse": "opportunities"},
        "Amount": {"type": "money"},
        "Description": {"type": "long_text"},
        "StageName": {"type": "text"},
        "CloseDate": {"type": "date"},
        "CampaignId": {"type": "link", "to": "campaign", "inverse": "opportunities"},
    },
    "Campaign": {"Name": {"type": "text", "required": True}},
    "Contract": {
        "ContractNumber": {"type": "autonumber", "pattern": "{00000000}"},
        "AccountId": {"type": "link", "to": "account", "inverse": "contracts"},
    },
    "Activity": {"Subject": {"type": "text"}},
}
"""By API name, with the fields that layouts, views, permissions and formulas name."""

BUILT_IN = {"User": "user"}
"""Objects that our language has by itself."""

FIELDS = {
    "Id": "id",
    "CreatedDate": "created_at",
    "CreatedById": "created_by",
    "CreatedBy": "created_by",
    "LastModifiedDate": "updated_at",
    "LastModifiedById": "updated_by",
    "LastModifiedBy": "updated_by",
    "OwnerId": "owner",
    "Owner": "owner",
}
"""Fields that every record has by itself."""
