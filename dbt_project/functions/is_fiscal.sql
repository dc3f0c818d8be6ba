select
    case
        when point ~ '^(FY\d{4}-\d{2}|(FY)?\d{4}-\d{2} (H[12]|Q[1-4]))$' then true
        when point ~ '^\d{4}-\d{2}$'
            then
                mod(cast(substring(point from 3 for 2) as integer) + 1, 100)
                = cast(substring(point from 6 for 2) as integer)
        else false
    end
